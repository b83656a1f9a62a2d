/**
 * Measures a path by one TCP handshake: from the SYN to whatever the far end says to it.
 */
import { connect } from 'node:net';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import type { AddressFinder, DialTold } from '../../access/names/address-finder.ts';
import type { ProbeAnswer, ProbeTarget } from '../../model/path-probe.ts';
import type { PathProber } from '../../ports.ts';
import { GatewayFinder } from '../names/gateway-finder.ts';
import { lanAddress } from './lan-address.ts';

/** The default time-out of a SAG health check; looking the name up is part of it, and not of what is measured. */
const ANSWER_MS = 1_000;
/** What the far end itself says; everything else is said on the way, or not at all. */
const ANSWERS: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET'];

export class TcpProber implements PathProber {
  readonly #finder: AddressFinder;

  constructor(finder: AddressFinder = new GatewayFinder()) {
    this.#finder = finder;
  }

  probe(target: ProbeTarget, onAnswer: (answer: ProbeAnswer) => void): void {
    const { address: name, port, sourceWithin } = target;
    const { sourceAddress = lanAddress(sourceWithin) } = target;
    const local = sourceAddress === undefined ? {} : { localAddress: sourceAddress };
    let isOver = false;
    const end = (answer: ProbeAnswer): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      leave();
      onAnswer(answer);
    };
    const timer = setTimeout(() => end({ ok: false, because: 'no answer in time' }), ANSWER_MS);
    const dial = (host: string, told: DialTold): (() => void) => {
      const startedAtMs = liveClock.nowMs();
      const socket = connect({ host, port, ...local });
      const answered = (): void => end({ ok: true, rttMs: liveClock.nowMs() - startedAtMs });
      socket.once('connect', answered);
      socket.on('error', (error: Error & { readonly code?: unknown }) => {
        if (ANSWERS.includes(error.code)) answered();
        else told({ code: String(error.code), text: error.message });
      });
      // Without lingering: the far end forgets it at once, and so does this machine.
      return () => socket.resetAndDestroy();
    };
    const onFailed = ({ text: because }: { readonly text: string }): void =>
      end({ ok: false, because });
    const sought = { name, sourceAddress, inHaste: true };
    const leave = this.#finder.find(sought, { dial, onFailed });
  }
}
