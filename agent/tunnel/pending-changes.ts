/**
 * Changes of the active tunnel that are decided but not yet acknowledged by the kernel.
 *
 * A change is told only when it is installed, with the time each part of it took.
 */
import { BoundedQueue } from '../../firmware-shim/base/bounded-queue.ts';
import { nothing } from '../../firmware-shim/base/core.ts';
import type { ActiveTunnelChange } from '../model/tunnel-change.ts';
import type { Installation, SupervisorEffect } from './supervisor-events.ts';

export interface PendingChange {
  readonly change: Omit<ActiveTunnelChange, 'decideMs' | 'installMs'>;
  readonly decidedAtMs: number;
  /** Set when an operator asked for it. */
  readonly requestId?: string;
}

/** As many as a page shows; the gateway keeps the long history. */
const CHANGES_KEPT = 20;

export class PendingChanges {
  readonly #history = new BoundedQueue<ActiveTunnelChange>(CHANGES_KEPT);
  readonly #pending = new Map<number, PendingChange>();
  #activation = 0;

  /** Returns the number under which the installation will be reported. */
  begin(change: PendingChange): number {
    this.#activation += 1;
    this.#pending.set(this.#activation, change);
    return this.#activation;
  }

  /** A number for an installation that changes no active tunnel and is not told. */
  number(): number {
    this.#activation += 1;
    return this.#activation;
  }

  remember(change: ActiveTunnelChange): void {
    this.#history.push(change);
  }

  /** The newest last. */
  history(): readonly ActiveTunnelChange[] {
    return this.#history.toArray();
  }

  /** The kernel has answered: tells the change with its figures, and the operator if one asked for it. */
  installed(installed: Installation, nowMs: number): readonly SupervisorEffect[] {
    const pending = this.#pending.get(installed.activation);
    if (pending === undefined) return nothing;
    this.#pending.delete(installed.activation);
    const sentAtMs = installed.sentAtMs ?? pending.decidedAtMs;
    const { requestId } = pending;
    const failed = installed.failure !== undefined;
    const failure = failed ? ` (not in force: ${installed.failure})` : '';
    const because = `${pending.change.because}${failure}`;
    const change: ActiveTunnelChange = {
      ...pending.change,
      because,
      decideMs: sentAtMs - pending.change.detectedAtMs,
      installMs: nowMs - sentAtMs,
    };
    this.remember(change);
    const effects: SupervisorEffect[] = [
      { type: 'tellControl', fact: { type: 'activeTunnelChanged', change } },
      { type: 'note', note: { code: 'activeTunnelChanged', level: 'notice', change } },
    ];
    if (requestId === undefined) return effects;
    const code = failed ? { code: 'ESWITCH_KERNEL' } : {};
    const answer = { type: 'switchAnswered', requestId, ok: !failed, ...code, because } as const;
    return [...effects, { type: 'tellControl', fact: answer }];
  }
}
