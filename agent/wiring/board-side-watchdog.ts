/**
 * Keeps the board's hardware watchdog fed for as long as the control side takes its turns.
 *
 * It is kicked from a deadline of the control core and from nowhere else: a control thread that hangs, or is gone,
 * starves it, and the MCU starts anew. A board without the capability is left alone.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import { supports } from '../../firmware-shim/wire/capability.ts';
import type { BoardCommand, Hello } from '../../firmware-shim/wire/messages.ts';

/**
 * Longer than a crash and the next start together (seconds), so that those cost no MCU start; short enough that
 * nobody has driven to the branch before it has acted.
 */
export const WATCHDOG_TIMEOUT_MS = 30_000;
/** Two kicks may be lost on the line before the third is one too many. */
const KICKS_PER_TIMEOUT = 3;
export const WATCHDOG_KICK_MS = WATCHDOG_TIMEOUT_MS / KICKS_PER_TIMEOUT;

export type WatchdogEvent =
  | { readonly type: 'boardUp'; readonly hello: Pick<Hello, 'capabilities'> }
  | { readonly type: 'boardLost' }
  | { readonly type: 'stopRequested' };

export class BoardWatchdog implements Core<WatchdogEvent, BoardCommand> {
  readonly #timers = new Timers<'watchdog kick'>();
  #isStopping = false;

  handle(event: WatchdogEvent, nowMs: number): readonly BoardCommand[] {
    switch (event.type) {
      case 'boardUp':
        return this.#arm(event.hello, nowMs);
      case 'boardLost':
        // Nobody to kick. What is armed there runs on, and a line that stays dead ends in an MCU start.
        this.#timers.clearAll();
        return nothing;
      case 'stopRequested':
        return this.#disarm();
    }
  }

  tick(nowMs: number): readonly BoardCommand[] {
    if (!this.#timers.take('watchdog kick', nowMs)) return nothing;
    this.#timers.set('watchdog kick', nowMs + WATCHDOG_KICK_MS);
    return [{ kind: 'watchdogKick' }];
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** After every greeting: an MCU that started anew has forgotten it, and for one that has not it is a kick. */
  #arm({ capabilities }: Pick<Hello, 'capabilities'>, nowMs: number): readonly BoardCommand[] {
    this.#timers.clearAll();
    if (!supports(capabilities, 'watchdogArm')) return nothing;
    // A board that comes back while we leave may still be armed by us.
    if (this.#isStopping) return [{ kind: 'watchdogDisarm' }];
    this.#timers.set('watchdog kick', nowMs + WATCHDOG_KICK_MS);
    return [{ kind: 'watchdogArm', timeoutMs: WATCHDOG_TIMEOUT_MS }];
  }

  #disarm(): readonly BoardCommand[] {
    this.#isStopping = true;
    const isArmed = this.#timers.at('watchdog kick') !== undefined;
    this.#timers.clearAll();
    return isArmed ? [{ kind: 'watchdogDisarm' }] : nothing;
  }
}
