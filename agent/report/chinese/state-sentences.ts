/** The notes about desired state, the steps towards it, and what is observed, in Chinese. */
import type { StateNote } from '../../model/notes/state-note.ts';
import { duration } from '../render-duration.ts';
import { changeWords } from '../render-kernel-change.ts';
import { clause, type Sentences } from '../render-sentences.ts';
import {
  chineseDataStop,
  chineseDocumentInForce,
  chineseSetAside,
  placed,
} from './chinese-words.ts';

export const stateSentences: Sentences<StateNote> = {
  desiredAccepted: ({ revision }) => `已接受期望配置修订 ${revision}，试用中。`,
  desiredConfirmed: ({ revision }) => `期望配置修订 ${revision} 已得到验证。`,
  desiredUndone: ({ revision, to, reason, because }) =>
    `已撤销期望配置修订 ${revision}，恢复为${to === 0 ? '无期望配置' : `修订 ${to}`}：${reason}，${clause(because)}。`,
  desiredRefused: ({ revision, reason, pointer, because }) =>
    `已拒绝期望配置修订 ${revision}：${reason}${placed(pointer)}，${clause(because)}。`,
  safeModeEntered: ({ mode, crashes, stayMs, ...aside }) =>
    `连续崩溃 ${crashes} 次后进入安全模式，持续 ${duration(stayMs)}：${chineseDocumentInForce(mode)}，不接受其他文档；已搁置 ${chineseSetAside(aside)}。`,
  safeModeLeft: ({ givesBack }) =>
    `安全模式结束，代理重新启动；搁置的事件${givesBack ? '将重新上报' : '保留给代理的下一版本'}。`,
  desiredReached: ({ revision }) => `期望配置修订 ${revision} 要求的内容均已就绪。`,
  planSent: ({ revision, tunnels, prefixes }) =>
    `快速通道已收到修订 ${revision} 的计划：${tunnels} 条隧道，${prefixes} 个网段。`,
  dataStopped: ({ why }) => `业务流量已停止：${chineseDataStop(why)}。`,
  dataResumed: () => '业务流量不再被停止。',
  stepDone: ({ step }) => `已完成：${clause(step)}。`,
  stepFailed: ({ step, because, retryInMs }) =>
    `未完成：${clause(step)}（${clause(because)}）；${duration(retryInMs)} 后重试。`,
  packetRulesGone: () => '报文规则被他人修改，正在重新写入。',
  dhcpEnded: ({ why }) => `LAN 上不再分配地址：${clause(why)}。`,
  packetRuleRefused: ({ rule, because }) => `规则 ${rule} 未采用：${clause(because)}。`,
  logLevelHeld: ({ held, forMs }) => `文档将日志级别设为 ${held}，持续 ${duration(forMs)}。`,
  flowsUnmarked: ({ because }) =>
    `无法记住各条流所用的隧道，流量返回时全部随之切换（${clause(because)}）。`,
  kernelResynced: ({ added, removed, changed, objects }) => {
    const total = added + removed + changed;
    const what = total === 0 ? '没有变化' : changeWords(objects, total);
    return `内核消息丢失，已重新查看全部内容：新增 ${added}，删除 ${removed}，变更 ${changed}：${what}。`;
  },
};
