/**
 * When each tunnel was last heard, whatever came through it: what the choice asks before it moves traffic.
 */
import type { TunnelId, TunnelPlan } from '../model/tunnel.ts';
import type { LivenessSession } from '../tunnel/liveness/liveness-session.ts';
import type { ProofOfLife } from '../tunnel/tunnel-candidate.ts';

interface Opened {
  readonly plan: TunnelPlan;
  readonly openedAtMs: number;
  heardAtMs: number | undefined;
}

export class ProofBook {
  readonly #opened = new Map<TunnelId, Opened>();

  opened(plan: TunnelPlan, nowMs: number): void {
    this.#opened.set(plan.id, { plan, openedAtMs: nowMs, heardAtMs: undefined });
  }

  closed(tunnel: TunnelId): void {
    this.#opened.delete(tunnel);
  }

  /** Any datagram counts, also one its reader discards: only the far end of the tunnel can send one. */
  heard(tunnel: TunnelId, nowMs: number): void {
    const opened = this.#opened.get(tunnel);
    if (opened !== undefined) opened.heardAtMs = nowMs;
  }

  proofOf(
    tunnel: TunnelId,
    session: LivenessSession | undefined,
    nowMs: number,
  ): ProofOfLife | undefined {
    const opened = this.#opened.get(tunnel);
    if (opened === undefined) return undefined;
    const { plan, openedAtMs, heardAtMs } = opened;
    const { desiredMinTxMs, requiredMinRxMs, detectMult } = plan.bfd;
    const planned = Math.max(desiredMinTxMs, requiredMinRxMs) * detectMult;
    const up = session?.state === 'Up' ? session.snapshot(nowMs) : undefined;
    return {
      heardAgoMs: heardAtMs === undefined ? undefined : nowMs - heardAtMs,
      openedAgoMs: nowMs - openedAtMs,
      intervalMs: up === undefined ? planned / detectMult : (session?.peerIntervalMs ?? 0),
      detectMs: up?.detectMs || planned,
      ...(up !== undefined && { farEndUp: up.remoteState === 'Up' }),
    };
  }
}
