/**
 * The stateful session reflector of STAMP (RFC 8762 section 4.3): answers each test packet with its own count
 * and both its moments.
 *
 * It counts per tunnel and session what it reflects; that count is what lets the sender tell loss on the way
 * there from loss on the way back.
 */
import { nothing } from '../../../firmware-shim/base/core.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import { decodeStampRequest, encodeStampReply, type StampDiscard } from './stamp-packet.ts';
import { STAMP_ERROR_ESTIMATE, stampTime } from './stamp-time.ts';

export interface ReflectorEffect {
  readonly type: 'sendStamp';
  readonly tunnel: TunnelId;
  readonly bytes: Uint8Array;
}

/** One sender uses two; a sender that restarts may draw others, and the oldest is forgotten. */
const SESSIONS_PER_TUNNEL_MAX = 4;
/** The socket's filter lets nothing else pass (RFC 5082). */
const GTSM_TTL = 255;

export class StampReflector {
  readonly #sequences = new Map<TunnelId, Map<number, number>>();
  readonly #discarded = new Map<StampDiscard, number>();
  #reflected = 0;

  hear(tunnel: TunnelId, bytes: Uint8Array, nowMs: number): readonly ReflectorEffect[] {
    const decoded = decodeStampRequest(bytes);
    if (!decoded.ok) {
      this.#discarded.set(decoded.discard, (this.#discarded.get(decoded.discard) ?? 0) + 1);
      return nothing;
    }
    const { session, length, ...request } = decoded.packet;
    this.#reflected += 1;
    const now = stampTime(nowMs);
    const reply = {
      sequence: this.#count(tunnel, session),
      sent: now,
      errorEstimate: STAMP_ERROR_ESTIMATE,
      session,
      received: now,
      request,
      requestTtl: GTSM_TTL,
      length,
    };
    return [{ type: 'sendStamp', tunnel, bytes: encodeStampReply(reply, bytes) }];
  }

  /** A tunnel that is gone begins anew when it returns. */
  forget(tunnel: TunnelId): void {
    this.#sequences.delete(tunnel);
  }

  snapshot() {
    return { reflected: this.#reflected, discarded: Object.fromEntries(this.#discarded) };
  }

  #count(tunnel: TunnelId, session: number): number {
    let sessions = this.#sequences.get(tunnel);
    if (sessions === undefined) {
      sessions = new Map();
      this.#sequences.set(tunnel, sessions);
    }
    const sequence = sessions.get(session) ?? 0;
    sessions.set(session, (sequence + 1) >>> 0);
    const [oldest] = sessions.keys();
    if (sessions.size > SESSIONS_PER_TUNNEL_MAX && oldest !== undefined) sessions.delete(oldest);
    return sequence;
  }
}
