/**
 * Measures a path by one TCP handshake: from the SYN to whatever the far end says to it.
 */
import { connect } from 'node:net';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import type { ProbeAnswer, ProbeTarget } from '../../model/path-probe.ts';
import type { PathProber } from '../../ports.ts';
import { lanAddress } from './lan-address.ts';

/** The default time-out of a SAG health check. */
const ANSWER_MS = 1_000;
/** What the far end itself says; everything else is said on the way, or not at all. */
const ANSWERS: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET'];

export class TcpProber implements PathProber {
  probe(target: ProbeTarget, onAnswer: (answer: ProbeAnswer) => void): void {
    const { address: host, port, sourceWithin } = target;
    const { sourceAddress = lanAddress(sourceWithin) } = target;
    const startedAtMs = liveClock.nowMs();
    const local = sourceAddress === undefined ? {} : { localAddress: sourceAddress };
    const socket = connect({ host, port, ...local });
    const timer = setTimeout(() => end({ ok: false, because: 'no answer in time' }), ANSWER_MS);
    const end = (answer: ProbeAnswer): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      // Without lingering: the far end forgets it at once, and so does this machine.
      socket.resetAndDestroy();
      onAnswer(answer);
    };
    const answered = (): void => end({ ok: true, rttMs: liveClock.nowMs() - startedAtMs });
    socket.once('connect', answered);
    socket.once('error', (error: Error & { readonly code?: unknown }) => {
      if (ANSWERS.includes(error.code)) answered();
      else end({ ok: false, because: error.message });
    });
  }
}
