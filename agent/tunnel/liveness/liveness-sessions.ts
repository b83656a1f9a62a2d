/**
 * All liveness sessions of this machine, each woken only when it is due: the cost of one packet or one tick does
 * not grow with how many there are.
 */
import { type Deadline, nothing } from '../../../firmware-shim/base/core.ts';
import { DueHeap } from '../../../firmware-shim/base/due-heap.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { BfdEffect } from '../bfd/bfd-events.ts';
import type { LivenessEvent, LivenessSession } from './liveness-session.ts';

export interface TunnelEffects {
  readonly tunnel: TunnelId;
  readonly effects: readonly BfdEffect[];
}

export class LivenessSessions {
  readonly #sessions = new Map<TunnelId, LivenessSession>();
  readonly #due = new DueHeap<TunnelId>();

  get tunnels(): readonly TunnelId[] {
    return [...this.#sessions.keys()];
  }

  get(tunnel: TunnelId): LivenessSession | undefined {
    return this.#sessions.get(tunnel);
  }

  add(tunnel: TunnelId, session: LivenessSession): void {
    this.#sessions.set(tunnel, session);
    this.#rearm(tunnel, session);
  }

  remove(tunnel: TunnelId): void {
    this.#sessions.delete(tunnel);
    this.#due.remove(tunnel);
  }

  handle(tunnel: TunnelId, event: LivenessEvent, nowMs: number): readonly BfdEffect[] {
    const session = this.#sessions.get(tunnel);
    if (session === undefined) return nothing;
    const effects = session.handle(event, nowMs);
    this.#rearm(tunnel, session);
    return effects;
  }

  /** Ticks whoever is due; each at most once, so that one that is always due starves nobody. */
  tick(nowMs: number): readonly TunnelEffects[] {
    const ticked: TunnelEffects[] = [];
    const due: TunnelId[] = [];
    for (let first = this.#due.first(); first !== undefined && first.atMs <= nowMs; ) {
      due.push(first.key);
      this.#due.remove(first.key);
      first = this.#due.first();
    }
    for (const tunnel of due) {
      const session = this.#sessions.get(tunnel);
      if (session === undefined) continue;
      const effects = session.tick(nowMs);
      this.#rearm(tunnel, session);
      if (effects.length > 0) ticked.push({ tunnel, effects });
    }
    return ticked;
  }

  deadline(): Deadline | undefined {
    const first = this.#due.first();
    if (first === undefined) return undefined;
    const why = this.#sessions.get(first.key)?.deadline()?.why ?? '';
    return { atMs: first.atMs, why: `${first.key} ${why}` };
  }

  #rearm(tunnel: TunnelId, session: LivenessSession): void {
    const atMs = session.deadline()?.atMs;
    if (atMs === undefined) this.#due.remove(tunnel);
    else this.#due.set(tunnel, atMs);
  }
}
