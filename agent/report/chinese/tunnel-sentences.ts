/** The notes about liveness sessions, tunnels and the choice among them in Chinese. */
import type { TunnelNote } from '../../model/notes/tunnel-note.ts';
import type { ActiveTunnelChange } from '../../model/tunnel-change.ts';
import { duration } from '../render-duration.ts';
import { clause, type Sentences } from '../render-sentences.ts';
import { CHINESE_TUNNEL_STATES } from './chinese-words.ts';

const SLA_VERDICTS = { unknown: '未知', met: '达标', violated: '不达标' } as const;

export const tunnelSentences: Sentences<TunnelNote> = {
  sessionStateChanged: ({ tunnel, from, to, diagnostic }) =>
    `${tunnel} 的 BFD 会话由 ${from} 变为 ${to}（${diagnostic}）。`,
  tunnelStateChanged: ({ tunnel, from, to, because }) =>
    `隧道 ${tunnel} 由${CHINESE_TUNNEL_STATES[from]}变为${CHINESE_TUNNEL_STATES[to]}：${clause(because)}。`,
  activeTunnelChanged: ({ change }) => changeSentence(change),
  probeFailed: ({ tunnel, errno }) => `${tunnel} 的探测套接字无法打开（${errno}）；稍后重试。`,
  activeTunnelAdopted: ({ tunnel }) => `代理启动时 ${tunnel} 已在承载流量，现仍由其承载。`,
  pathAnnounced: ({ tunnel, over }) =>
    tunnel === undefined
      ? `分支经 ${over} 通告了一条不在此处终结的隧道。`
      : `分支经 ${over} 通告其流量使用 ${tunnel}。`,
  pathAcknowledged: ({ over, afterMs }) =>
    `${over} 的中心端已跟随变更，滞后 ${duration(afterMs)}。`,
  pathMtuFound: ({ tunnel, mtu, level }) =>
    level === 'warning'
      ? `大于 ${mtu} 字节的报文在 ${tunnel} 中丢失；MTU 已降至该值。`
      : `${mtu} 字节的报文可双向通过 ${tunnel}。`,
  slaChanged: ({ tunnel, verdict, why }) =>
    `${tunnel} 的路径质量${SLA_VERDICTS[verdict]}：${clause(why)}。`,
  balanceChanged: ({ members }) =>
    `流量由 ${members.map(({ tunnel, weight }) => `${tunnel}（${weight}）`).join('、')} 分担。`,
  flowsStay: ({ tunnel, forMsMax }) =>
    `在 ${tunnel} 上开始的流保留在原处直至结束，最长 ${duration(forMsMax)}。`,
  flowsReleased: ({ tunnel, because, flows }) =>
    `${tunnel} 上不再保留任何流：${clause(because)}${flows === undefined ? '' : `（最近一次计数为 ${flows} 条）`}。`,
  wokeLate: ({ lateMs }) => `本进程晚醒 ${duration(lateMs)}；其间的静默源于自身，而非对端。`,
  fastPathResynced: () => '内核变化快于快速通道的接收；已重新查看全部内容。',
  controlThreadSilent: ({ silentForMs }) =>
    `控制线程停顿 ${duration(silentForMs)}；快速通道按最近的计划继续运行。`,
};

function changeSentence(change: ActiveTunnelChange): string {
  const { from, to, because, silentForMs, decideMs, installMs } = change;
  const moved =
    to === undefined
      ? `已无隧道承载流量，最后一条为 ${from ?? '无'}`
      : from === undefined
        ? `流量现由 ${to} 承载`
        : `流量由 ${from} 切换到 ${to}`;
  const silent = silentForMs > 0 ? `静默 ${duration(silentForMs)}，` : '';
  return `${moved}：${clause(because)}（${silent}决策 ${duration(decideMs)}，生效 ${duration(installMs)}）。`;
}
