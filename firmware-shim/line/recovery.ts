/**
 * The way back to a lost board: the rung of the ladder, how long the outage has lasted, and the next attempt to open.
 */
import type { Random } from '../base/random.ts';
import type { LineNote } from './line-note.ts';
import { type Evidence, RecoveryLadder, type RecoveryStage, type Rung } from './recovery-ladder.ts';
import { Reopening, type ReopenPlan } from './reopening.ts';

export interface Climb {
  readonly stage: RecoveryStage;
  /** Absent on a rung that was noted before. */
  readonly note: LineNote | undefined;
}

export class Recovery {
  readonly #ladder = new RecoveryLadder();
  readonly #reopening: Reopening;
  /** Absent while the program above believes that the board is there. */
  #lostAtMs: number | undefined;
  /** How long the last conversation held; 0 once that has been counted. */
  #talkedMs = 0;

  constructor(random: Random, portName: string) {
    this.#reopening = new Reopening(random, portName);
  }

  get stage(): RecoveryStage {
    return this.#ladder.stage;
  }

  /** A conversation ended after so long. */
  talked(forMs: number): void {
    this.#talkedMs = forMs;
  }

  /** The board is lost; true when nobody has been told yet. */
  lost(nowMs: number): boolean {
    if (this.#lostAtMs !== undefined) return false;
    this.#lostAtMs = nowMs;
    return true;
  }

  climb(evidence: Evidence, because: string, nowMs: number): Climb {
    return this.#climbed(this.#ladder.failed(evidence, nowMs), because, nowMs);
  }

  /** The board said hello. */
  met(nowMs: number): Climb {
    const climb = this.#climbed(this.#ladder.met(nowMs), 'the board said hello', nowMs);
    this.#reopening.met();
    this.#lostAtMs = undefined;
    return climb;
  }

  /** The port is closed: when it is opened again. */
  reopen(why: string, text: string): ReopenPlan {
    const plan = this.#reopening.closed(why, text, this.#talkedMs);
    this.#talkedMs = 0;
    return plan;
  }

  #climbed({ stage, entered }: Rung, because: string, nowMs: number): Climb {
    if (!entered) return { stage, note: undefined };
    const outageMs = nowMs - (this.#lostAtMs ?? nowMs);
    const level = stage === 'well' || stage === 'resync' ? 'notice' : 'warning';
    return { stage, note: { code: 'lineRecovery', level, stage, because, outageMs } };
  }
}
