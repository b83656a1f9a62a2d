/**
 * A BFD session with a far end of the test's own making, packet by packet.
 */

import type { BfdTimers } from '../../agent/model/tunnel.ts';
import type { BfdEffect, SessionMove } from '../../agent/tunnel/bfd/bfd-events.ts';
import {
  type BfdPacket,
  decodeBfdPacket,
  encodeBfdPacket,
} from '../../agent/tunnel/bfd/bfd-packet.ts';
import { BfdSession } from '../../agent/tunnel/bfd/bfd-session.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';

export const FAST: BfdTimers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };

export function packetsOf(effects: readonly BfdEffect[]): BfdPacket[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'sendPacket') return [];
    const decoded = decodeBfdPacket(effect.bytes);
    return decoded.ok ? [decoded.packet] : [];
  });
}

export function movesOf(effects: readonly BfdEffect[]): SessionMove[] {
  return effects.filter((effect) => effect.type === 'sessionMoved');
}

export function peerPacket(over: Partial<BfdPacket>): Uint8Array {
  return encodeBfdPacket({
    diagnostic: 0,
    state: 'Down',
    poll: false,
    final: false,
    demand: false,
    detectMult: 3,
    myDiscriminator: 99,
    yourDiscriminator: 0,
    desiredMinTxMicros: 50_000,
    requiredMinRxMicros: 50_000,
    requiredMinEchoRxMicros: 0,
    ...over,
  });
}

/** A session that is Up with a peer of our own making, and the discriminator it uses. */
export function upSession(timers = FAST) {
  const session = new BfdSession('t1', timers, new SeededRandom(1));
  const mine = packetsOf(session.handle({ type: 'enabled' }, 0))[0]?.myDiscriminator ?? 0;
  const hear = (over: Partial<BfdPacket>, atMs: number) =>
    session.handle(
      { type: 'packetArrived', bytes: peerPacket({ yourDiscriminator: mine, ...over }) },
      atMs,
    );
  hear({ state: 'Init' }, 10);
  if (session.state !== 'Up') throw new Error('the session did not come Up');
  return { session, hear, mine };
}
