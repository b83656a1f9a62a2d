/** Sentences of the notes about liveness sessions, tunnels and the choice among them. */
import type { TunnelNote } from '../model/notes/tunnel-note.ts';
import type { ActiveTunnelChange } from '../model/tunnel-change.ts';
import { duration } from './render-duration.ts';
import { clause, type Sentences } from './render-sentences.ts';

export const tunnelSentences: Sentences<TunnelNote> = {
  sessionStateChanged: ({ tunnel, from, to, diagnostic }) =>
    `The BFD session of ${tunnel} went from ${from} to ${to} (${diagnostic}).`,
  tunnelStateChanged: ({ tunnel, from, to, because }) =>
    `Tunnel ${tunnel} went from ${from} to ${to}: ${because}.`,
  activeTunnelChanged: ({ change }) => changeSentence(change),
  probeFailed: ({ tunnel, errno }) =>
    `The probe sockets of ${tunnel} do not open (${errno}); they are tried again soon.`,
  activeTunnelAdopted: ({ tunnel }) =>
    `${tunnel} already carried the traffic when this agent started, and still does.`,
  pathAnnounced: ({ tunnel, over }) =>
    tunnel === undefined
      ? `The branch announced over ${over} a tunnel that does not end here.`
      : `The branch announced over ${over} that its traffic uses ${tunnel}.`,
  pathAcknowledged: ({ over, afterMs }) =>
    `The hub of ${over} follows the change, ${duration(afterMs)} after it.`,
  pathMtuFound: ({ tunnel, mtu, level }) =>
    level === 'warning'
      ? `Packets above ${mtu} bytes vanish in ${tunnel}; its MTU is lowered to that.`
      : `Packets of ${mtu} bytes pass through ${tunnel} both ways.`,
  slaChanged: ({ tunnel, verdict, why }) =>
    `The path of ${tunnel} is ${verdict} by its class: ${clause(why)}.`,
  balanceChanged: ({ members }) =>
    `Traffic is shared by ${members.map(({ tunnel, weight }) => `${tunnel} (${weight})`).join(', ')}.`,
  flowsStay: ({ tunnel, forMsMax }) =>
    `Flows that began on ${tunnel} stay there until they end, for at most ${duration(forMsMax)}.`,
  flowsReleased: ({ tunnel, because, flows }) =>
    `Nothing is kept on ${tunnel} any more: ${clause(because)}${flows === undefined ? '' : ` (${flows} flows when last counted)`}.`,
  wokeLate: ({ lateMs }) =>
    `This process slept ${duration(lateMs)} too long; silence in that time was ours, not the peers'.`,
  fastPathResynced: () =>
    'The kernel changed faster than the fast path was told; it has looked at the whole of it anew.',
  controlThreadSilent: ({ silentForMs }) =>
    `The control thread stood still for ${duration(silentForMs)}; the fast path went on with its last plan.`,
};

/** A failover, failback or first choice with its figures. */
export function changeSentence(change: ActiveTunnelChange): string {
  const { from, to, because, silentForMs, decideMs, installMs } = change;
  const moved =
    to === undefined
      ? `No tunnel carries traffic any more; ${from ?? 'none'} was the last`
      : from === undefined
        ? `${to} carries the traffic now`
        : `Traffic moved from ${from} to ${to}`;
  const silent = silentForMs > 0 ? `silent for ${duration(silentForMs)}, ` : '';
  return `${moved}: ${clause(because)} (${silent}decided in ${duration(decideMs)}, installed in ${duration(installMs)}).`;
}
