/**
 * One promise of the fault model that must hold at every moment (I1 to I13): it hears what the branch does, and whatever
 * breaks it ends the run with a sentence.
 */
import type { Note } from '../../agent/model/note.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';

/** Ends the run. */
export type Broken = (sentence: string) => never;

export interface Invariant {
  /** The agent's process starts: what it knew in memory is gone. */
  onStarted?(nowMs: number): void;
  onNote?(note: Note, nowMs: number): void;
  /** The control thread is about to do this. */
  onEffect?(effect: ControlEffect, nowMs: number): void;
  /** After every step of the world. */
  look?(cast: BranchWorld): void;
}
