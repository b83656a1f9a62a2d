/**
 * Commands that were refused on the spot, told a moment later: whoever gave one does not hold its id before
 * the call returns.
 */
import { assert } from '../base/assert.ts';
import type { Deadline } from '../base/core.ts';
import type { BoardEvent } from '../ports.ts';

/** Refusals waiting for one turn of the loop; more is a caller that never returns. */
const REFUSALS_MAX = 10_000;

export class RefusedCommands {
  #refusals: BoardEvent[] = [];
  #sinceMs = 0;

  add(id: number, code: 'EMCU_BUSY' | 'EMCU_LOST' | 'EMCU_UNSUPPORTED', nowMs: number): void {
    assert(this.#refusals.length < REFUSALS_MAX, 'commands are given in an endless loop');
    this.#refusals.push({ type: 'boardCommandDone', id, ok: false, code });
    this.#sinceMs = nowMs;
  }

  deadline(): Deadline | undefined {
    return this.#refusals.length === 0 ? undefined : { atMs: this.#sinceMs, why: 'refusals' };
  }

  take(): readonly BoardEvent[] {
    const refusals = this.#refusals;
    this.#refusals = [];
    return refusals;
  }
}
