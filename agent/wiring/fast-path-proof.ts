/**
 * What proves a tunnel alive, whatever came through it: what the choice asks before it moves traffic.
 */
import type { TunnelId, TunnelPlan } from '../model/tunnel.ts';
import type { LivenessSession } from '../tunnel/liveness/liveness-session.ts';
import type { ProofOfLife } from '../tunnel/tunnel-candidate.ts';

interface Opened {
  readonly plan: TunnelPlan;
  readonly openedAtMs: number;
}

export class ProofBook {
  readonly #opened = new Map<TunnelId, Opened>();

  opened(plan: TunnelPlan, nowMs: number): void {
    this.#opened.set(plan.id, { plan, openedAtMs: nowMs });
  }

  closed(tunnel: TunnelId): void {
    this.#opened.delete(tunnel);
  }

  proofOf(
    tunnel: TunnelId,
    session: LivenessSession | undefined,
    heardAtMs: number | undefined,
    nowMs: number,
  ): ProofOfLife | undefined {
    const opened = this.#opened.get(tunnel);
    if (opened === undefined) return undefined;
    const { plan, openedAtMs } = opened;
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
