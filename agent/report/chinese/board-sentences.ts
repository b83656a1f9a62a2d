/** The notes about the board and its line in Chinese. */
import type { BoardNote } from '../../model/notes/board-note.ts';
import { duration } from '../render-duration.ts';
import { clause, type Sentences } from '../render-sentences.ts';

export const boardSentences: Sentences<BoardNote> = {
  boardUp: ({ model, serialNumber }) => `主板已应答：${model}，序列号 ${serialNumber}。`,
  boardLost: ({ why }) => `主板无响应（${why}）；恢复之前仅依据内核判断上行链路。`,
  portClosed: ({ port, reason, text, retryInMs }) =>
    `串口 ${port} 已关闭：${reason}，${clause(text)}；${duration(retryInMs)} 后重试。`,
  lineStateChanged: ({ from, to, because }) =>
    `主板通信由 ${from} 变为 ${to}：${clause(because)}。`,
  boardRebooted: ({ bootEpoch, pendingCommands }) =>
    `主板已重新启动（启动序号 ${bootEpoch}）；${pendingCommands} 条命令未得到应答。`,
  lineRecovery: ({ stage, because, outageMs }) =>
    stage === 'well'
      ? `主板在 ${Math.round(outageMs)} ms 后恢复：${clause(because)}。`
      : `正在以 ${stage} 方式恢复主板：${clause(because)}。`,
  boardMessageRefused: ({ reason, field, times }) =>
    `主板上报的 ${field} 不合理：${reason}，累计 ${times} 次。`,
  boardVersionUnknown: ({ version, times }) =>
    `主板使用的协议版本 ${version} 不受支持，累计 ${times} 次。`,
  mcuStarted: ({ cause }) =>
    cause === 'watchdog'
      ? 'MCU 因看门狗超时重新启动：代理离开或停顿过久。'
      : 'MCU 出错并自行重新启动；若反复出现，请检查主板。',
  passwordResetAsked: ({ button, heldMs }) =>
    `${button} 键被按住 ${duration(heldMs)}，要求重设本地页面密码。`,
  factoryResetAsked: ({ button, heldMs }) =>
    `${button} 键被按住 ${duration(heldMs)}，要求恢复出厂设置；本版本不清除任何内容，如需清除请先在控制台解绑 SAG。`,
  pressRefused: ({ button, heldMs }) =>
    `${button} 键被按住 ${duration(heldMs)}，但复位功能已锁定，未执行任何操作；请先在控制台解锁。`,
  firmwareUpdateProgress: ({ stage, version, sentBytes, sizeBytes, because }) =>
    `主板固件升级到 ${version}：${stage}，已发送 ${sentBytes}/${sizeBytes} 字节：${clause(because)}。`,
  firmwareUpdateEnded: ({ version, tookMs, failure, text }) =>
    failure === undefined
      ? `主板已运行固件 ${version} 并保留，用时 ${duration(tookMs)}：${clause(text)}。`
      : `主板固件升级到 ${version} 失败，用时 ${duration(tookMs)}：${failure}，${clause(text)}。`,
};
