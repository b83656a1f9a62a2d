/**
 * What is tried, in which order, to get a lost board back, each rung on the evidence that the one before failed.
 *
 * resync: a new conversation on the port that is open. softReset: the MCU is told to start again, seldom and only
 * by a host that knows its boot epoch. reopen: the port is closed and opened again. degraded: still no board after
 * several openings; the attempts go on for ever and the agent lives without it. A port that closed by itself is
 * evidence enough for reopen.
 */
import { assert } from '../base/assert.ts';

export type RecoveryStage = 'well' | 'resync' | 'softReset' | 'reopen' | 'degraded';

/** From each rung, where it may go. */
export const RECOVERY_MOVES: Readonly<Record<RecoveryStage, readonly RecoveryStage[]>> = {
  well: ['resync', 'reopen'],
  resync: ['well', 'softReset', 'reopen'],
  softReset: ['well', 'reopen'],
  reopen: ['well', 'reopen', 'degraded'],
  degraded: ['well', 'degraded'],
};

/** A board that must be reset more often has a fault no reset cures, and its reports would only flap. */
export const SOFT_RESETS_MAX = 3;
export const SOFT_RESET_WINDOW_MS = 3_600_000;
/** With growing pauses these take about fifteen seconds: no board starts as slowly. */
const REOPENS_MAX = 5;

export interface Evidence {
  /** The port itself is closed or cannot be opened. */
  readonly portClosed: boolean;
  /** The host knows which life of the MCU it would end. */
  readonly epochKnown: boolean;
}

export interface Rung {
  readonly stage: RecoveryStage;
  /** Whether this is another rung than the last. */
  readonly entered: boolean;
}

export class RecoveryLadder {
  #stage: RecoveryStage = 'well';
  #reopens = 0;
  #resetsAtMs: readonly number[] = [];

  get stage(): RecoveryStage {
    return this.#stage;
  }

  /** What was tried last did not bring the board back, or it has just been lost. */
  failed(evidence: Evidence, nowMs: number): Rung {
    return this.#become(this.#nextStage(evidence, nowMs), nowMs);
  }

  /** The board said hello. */
  met(nowMs: number): Rung {
    if (this.#stage === 'well') return { stage: 'well', entered: false };
    return this.#become('well', nowMs);
  }

  #nextStage({ portClosed, epochKnown }: Evidence, nowMs: number): RecoveryStage {
    switch (this.#stage) {
      case 'well':
        return portClosed || !epochKnown ? 'reopen' : 'resync';
      case 'resync':
        return !portClosed && epochKnown && this.#mayReset(nowMs) ? 'softReset' : 'reopen';
      case 'softReset':
        return 'reopen';
      case 'reopen':
        return this.#reopens >= REOPENS_MAX ? 'degraded' : 'reopen';
      case 'degraded':
        return 'degraded';
    }
  }

  #mayReset(nowMs: number): boolean {
    this.#resetsAtMs = this.#resetsAtMs.filter((atMs) => nowMs - atMs < SOFT_RESET_WINDOW_MS);
    return this.#resetsAtMs.length < SOFT_RESETS_MAX;
  }

  #become(stage: RecoveryStage, nowMs: number): Rung {
    const from = this.#stage;
    assert(RECOVERY_MOVES[from].includes(stage), `recovery from ${from} to ${stage}`);
    this.#stage = stage;
    if (stage === 'well') this.#reopens = 0;
    if (stage === 'reopen') this.#reopens += 1;
    if (stage === 'softReset') this.#resetsAtMs = [...this.#resetsAtMs, nowMs];
    return { stage, entered: stage !== from };
  }
}
