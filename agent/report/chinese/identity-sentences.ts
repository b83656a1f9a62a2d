/** The notes about the device's certificate in Chinese. */
import type { IdentityNote } from '../../model/notes/identity-note.ts';
import { duration } from '../render-duration.ts';
import { clause, type Sentences } from '../render-sentences.ts';
import { utcMinute } from '../render-utc.ts';

export const identitySentences: Sentences<IdentityNote> = {
  enrolmentStarted: ({ serialNumber }) => `本设备尚无证书，正以 ${serialNumber} 申请。`,
  enrolmentImpossible: ({ reason, because }) =>
    `本设备无法自行获取证书：${reason}，${clause(because)}。`,
  enrolmentFailed: ({ gateway, reason, because, retryInMs }) =>
    `网关 ${gateway} 未签发证书：${reason}，${clause(because)}；${duration(retryInMs)} 后重试。`,
  enrolled: ({ serialNumber, gateway, afterMs }) =>
    `网关 ${gateway} 已为 ${serialNumber} 签发证书，用时 ${duration(afterMs)}。`,
  certificateRenewed: ({ generation, endMs }) =>
    `设备已有新证书（${generation}），有效期至 ${utcMinute(endMs)}；网关接受之前保留旧证书。`,
  certificateProved: ({ generation }) => `网关已接受证书 ${generation}；旧证书已删除。`,
  renewalFailed: ({ reason, because, retryInMs }) =>
    `证书续期失败：${reason}，${clause(because)}；${duration(retryInMs)} 后重试。`,
  certificateEndsSoon: ({ days }) => `本设备的证书将在 ${days} 天内到期，且续期未成功。`,
  certificateEnded: () => '本设备的证书已到期；业务流量不受影响，但网关不再接受本设备。',
  timeLearnt: ({ source, toldMs }) =>
    `证书时间改由 ${source} 时钟判断，起点 ${utcMinute(toldMs)}。`,
  boardClockRefuted: ({ saidMs, sinceMs }) =>
    `主板时钟显示 ${utcMinute(saidMs)}，但本网络 CA 的证书自 ${utcMinute(sinceMs)} 起生效，且本机时钟与之一致，因此不再采用主板时钟。`,
  gatewayTimeRefused: ({ toldMs }) => `网关称当前时间为 ${utcMinute(toldMs)}，不合理，未采用。`,
  clockNotSet: ({ because }) => `本机时钟有误且未能校正：${clause(because)}。`,
};
