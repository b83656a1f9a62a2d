/**
 * I3: what runs is the document that the disk holds as confirmed, or one on trial that the disk knows of and whose
 * deadline has not passed. I4: a document that has not proved itself by its deadline is undone (F-38).
 *
 * The deadline is counted here from the note that a trial began, not read from the agent.
 */
import type { Note } from '../../agent/model/note.ts';
import { DESIRED_KEY, DESIRED_SHELF, TRIAL_KEY } from '../../agent/state/commit-confirm.ts';
import { CONFIRM_MS } from '../../agent/state/document-trial.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { Broken, Invariant } from './invariant.ts';

/** F-38: what a document took away is back this long after its deadline. */
const UNDONE_MS = 10_000;

interface Trial {
  readonly revision: number;
  readonly sinceMs: number;
}

export class ConfirmedState implements Invariant {
  readonly #broken: Broken;
  #trial: Trial | undefined;
  /** Nothing runs before the store has been read. */
  #isPlanned = false;
  #isDue = true;

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  onStarted(): void {
    this.#trial = undefined;
    this.#isPlanned = false;
    this.#isDue = true;
  }

  onNote(note: Note, nowMs: number): void {
    if (note.code === 'desiredAccepted') {
      this.#trial = { revision: note.revision, sinceMs: nowMs };
    } else if (note.code === 'desiredConfirmed' || note.code === 'desiredUndone') {
      if (this.#trial?.revision === note.revision) this.#trial = undefined;
    } else return;
    this.#isDue = true;
  }

  onEffect(effect: ControlEffect): void {
    if (effect.type === 'orderFastPath') {
      if (effect.order.type !== 'planReceived') return;
      this.#isPlanned = true;
      this.#isDue = true;
    } else if (effect.type === 'storePut' || effect.type === 'storeRemove') {
      if (effect.shelf === DESIRED_SHELF) this.#isDue = true;
    }
  }

  look(cast: BranchWorld): void {
    if (!cast.branch.running) return;
    const { nowMs } = cast.world;
    const trial = this.#trial;
    if (trial !== undefined && nowMs - trial.sinceMs > CONFIRM_MS + UNDONE_MS) {
      const forS = ((nowMs - trial.sinceMs) / 1_000).toFixed(0);
      this.#broken(`I4: revision ${trial.revision} is on trial for ${forS} s`);
    }
    if (!this.#isDue) return;
    this.#isDue = false;
    const { revision: running } = cast.branch.snapshot()?.desired ?? { revision: 0 };
    const confirmed = kept(cast, DESIRED_KEY).revision ?? 0;
    if (running === confirmed || (running === 0 && !this.#isPlanned)) return;
    const record = kept(cast, TRIAL_KEY);
    if (running === trial?.revision && running === record.revision && record.state === 'trial') {
      return;
    }
    const known = `the disk holds ${confirmed}${record.revision === undefined ? '' : ` and ${record.state} ${record.revision}`}`;
    this.#broken(`I3: revision ${running} runs, ${known}`);
  }
}

function kept(
  { branch }: BranchWorld,
  key: string,
): { readonly revision?: number; readonly state?: string } {
  const value = branch.store.value(DESIRED_SHELF, key);
  return value === undefined ? {} : (JSON.parse(value) as { readonly revision: number });
}
