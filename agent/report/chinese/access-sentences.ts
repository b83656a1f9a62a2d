/** The notes about registration, outbox and MQTT in Chinese. */
import type { AccessNote } from '../../model/notes/access-note.ts';
import { duration } from '../render-duration.ts';
import { clause, type Sentences } from '../render-sentences.ts';
import { placed } from './chinese-words.ts';

export const accessSentences: Sentences<AccessNote> = {
  registered: ({ gateway, area, overUplink, afterMs }) =>
    `已通过 ${overUplink} 注册到 ${area} 的接入网关 ${gateway}，用时 ${duration(afterMs)}。`,
  registrationLost: ({ gateway, because, retryInMs }) =>
    `与接入网关 ${gateway} 的注册已断开：${clause(because)}；${duration(retryInMs)} 后重试。`,
  registrationStateChanged: ({ from, to, because }) =>
    `注册状态由 ${from} 变为 ${to}：${clause(because)}。`,
  attemptFailed: ({ gateway, overUplink, reason, because, retryInMs }) =>
    `未能通过 ${overUplink} 连接接入网关 ${gateway}：${reason}，${clause(because)}；${duration(retryInMs)} 后重试。`,
  identityInUseTwice: ({ gateway, because }) =>
    `接入网关 ${gateway} 上有其他设备在使用本设备的身份：${clause(because)}。`,
  accessPointMissed: ({ accessPoint, because }) =>
    `无法使用所选接入点 ${accessPoint}（${clause(because)}）；十分钟后重试。`,
  accessPointsRanked: ({ nearest, standby, because }) =>
    `最近的接入网关为 ${nearest}，备用为 ${standby}：${clause(because)}。`,
  redirectRefused: ({ gateway, reference }) =>
    `接入网关 ${gateway} 要求改连 ${reference}，该地址不在本设备配置中，已拒绝。`,
  bornAgain: ({ because }) => `已重新发送上线消息与完整状态：${clause(because)}。`,
  serialNumberMismatch: ({ certificate, board }) =>
    `证书的序列号为 ${certificate}，而主板的序列号为 ${board}。`,
  eventRaised: ({ event, id }) => `事件 ${event} 正在上报网关，编号 ${id}。`,
  eventStored: ({ id }) => `网关已保存事件 ${id}。`,
  eventsDropped: ({ why, dropped }) =>
    `${why === 'full' ? '发件箱已满' : '事件等待过久'}；累计丢弃 ${dropped} 条事件。`,
  eventQuarantined: ({ id, reason }) => `网关拒绝事件 ${id}（${reason}）；已搁置，不再发送。`,
  storeRefused: ({ shelf, reason }) => `磁盘拒绝写入 ${shelf} 的记录：${reason}。`,
  storeQuarantined: ({ path, because }) => `损坏的文件 ${path} 已移开并重建：${clause(because)}。`,
  storeVolatile: ({ path, because }) =>
    `无法使用 ${path}，重启后不保留任何数据：${clause(because)}。`,
  commandAnswered: ({ id, verb, state, errorCode, because }) =>
    `命令 ${id}（${verb}）结果为 ${state}，${errorCode}：${clause(because)}。`,
  messageRefused: ({ topic, reason, pointer, because }) =>
    `已拒绝 ${topic} 上的消息：${reason}${placed(pointer)}，${clause(because)}。`,
};
