/**
 * I10: nothing is started outside the table of programs. A simulated branch has an empty table, since its engines, its
 * kernel and its tools are models: a process that begins in the thread of a run was started by a core.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Broken, Invariant } from './invariant.ts';

/** Node tells of every child process of this thread here. */
const CHANNEL = 'child_process';

let started = 0;
subscribe(CHANNEL, () => {
  started += 1;
});

export class Processes implements Invariant {
  readonly #broken: Broken;
  readonly #before = started;

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  look(): void {
    if (started > this.#before) this.#broken('I10: a process was started');
  }
}
