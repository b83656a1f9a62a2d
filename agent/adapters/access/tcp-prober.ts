/**
 * Measures a path by one TCP handshake: from the SYN to whatever the far end says to it.
 */
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import { parsePrefix, prefixContains } from '../../../firmware-shim/kernel/prefix.ts';
import type { PathProber, ProbeAnswer, ProbeTarget } from '../../ports.ts';

/** The default time-out of a SAG health check. */
const ANSWER_MS = 1_000;
/** What the far end itself says; everything else is said on the way, or not at all. */
const ANSWERS: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET'];

export class TcpProber implements PathProber {
  readonly #lanPrefixes: readonly string[];

  constructor(lanPrefixes: readonly string[]) {
    this.#lanPrefixes = lanPrefixes;
  }

  probe(target: ProbeTarget, onAnswer: (answer: ProbeAnswer) => void): void {
    const { address: host, port, sourceAddress = lanAddress(this.#lanPrefixes) } = target;
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

/** An address of ours on the LAN side: its traffic takes the way the branch's own takes, and finds it back. */
function lanAddress(prefixes: readonly string[]): string | undefined {
  const lan = prefixes.flatMap((text) => parsePrefix(text) ?? []);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.find(({ address }) => {
    const parsed = parsePrefix(address);
    return parsed !== undefined && lan.some((prefix) => prefixContains(prefix, parsed));
  })?.address;
}
