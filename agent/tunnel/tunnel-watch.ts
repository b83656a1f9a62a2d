/**
 * What is known of one tunnel: whether its device exists, what its session says, and since when it is usable.
 *
 * Only a session that is Up makes a tunnel `up`; everything else may only take that away.
 */
import type { TunnelPlan, TunnelState } from '../model/tunnel.ts';
import type { SessionMove } from './bfd/bfd-events.ts';
import { moveWords } from './choice/change-evidence.ts';
import type { TunnelCandidate } from './tunnel-candidate.ts';

export interface WatchedChange {
  readonly from: TunnelState;
  readonly to: TunnelState;
  readonly because: string;
}

type Watched =
  | { readonly state: 'absent' }
  | { readonly state: 'establishing'; readonly sinceMs: number }
  | { readonly state: 'up'; readonly sinceMs: number }
  | { readonly state: 'down'; readonly sinceMs: number };

/** A far end that said AdminDown is restarting: that takes seconds, and a minute is for a slow disk. */
export const RESTART_WAIT_MS = 60_000;

export class TunnelWatch {
  plan: TunnelPlan;
  #watched: Watched = { state: 'absent' };
  #sinceMs: number;
  #usableSinceMs: number | undefined;
  #waiting: TunnelCandidate['waiting'];

  constructor(plan: TunnelPlan, nowMs: number) {
    this.plan = plan;
    this.#sinceMs = nowMs;
  }

  get state(): TunnelState {
    return this.#watched.state;
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }

  get usableSinceMs(): number | undefined {
    return this.#usableSinceMs;
  }

  get waiting(): TunnelCandidate['waiting'] {
    return this.#waiting;
  }

  /** It carried traffic before a restart of ours: give its session the time to come up. */
  awaitAdoption(untilMs: number): void {
    this.#waiting = { for: 'adoption', untilMs };
  }

  deviceReady(nowMs: number): WatchedChange | undefined {
    if (this.#watched.state !== 'absent') return undefined;
    return this.#become({ state: 'establishing', sinceMs: nowMs }, 'its device is there', nowMs);
  }

  deviceGone(because: string, nowMs: number): WatchedChange | undefined {
    if (this.#watched.state === 'absent') return undefined;
    this.#waiting = undefined;
    return this.#become({ state: 'absent' }, because, nowMs);
  }

  sessionMoved(move: SessionMove, nowMs: number): WatchedChange | undefined {
    if (this.#watched.state === 'absent') return undefined;
    if (move.to === 'Up') {
      this.#waiting = undefined;
      return this.#become({ state: 'up', sinceMs: nowMs }, 'its session is Up', nowMs);
    }
    if (this.#watched.state !== 'up') return undefined;
    this.#waiting =
      move.cause === 'heardAdminDown'
        ? { for: 'restart', untilMs: nowMs + RESTART_WAIT_MS }
        : undefined;
    return this.#become({ state: 'down', sinceMs: nowMs }, moveWords(move), nowMs);
  }

  /** Notes whether it could be chosen now; true when it has just been lost. */
  assess(usable: boolean, nowMs: number): boolean {
    const lost = !usable && this.#usableSinceMs !== undefined;
    this.#usableSinceMs = usable ? (this.#usableSinceMs ?? nowMs) : undefined;
    return lost;
  }

  #become(to: Watched, because: string, nowMs: number): WatchedChange {
    const from = this.#watched.state;
    this.#watched = to;
    this.#sinceMs = nowMs;
    return { from, to: to.state, because };
  }
}
