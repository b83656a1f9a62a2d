/**
 * Asks the machine to start anew: puts a file where the unit `sag-agent-reboot.path` looks for it.
 *
 * So the agent needs neither a capability that would let it boot another kernel, nor a message bus, nor a process of
 * its own, and every service ends as its unit says. Where no such unit runs the file is taken back, or it would reboot
 * the machine at the moment somebody installs it.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RebootRefusal } from '../../model/device-work.ts';

/** systemd sees the file at once or not at all. */
const WITHDRAWN_MS = 30_000;
const OWNER_ONLY = 0o600;

export interface RebootRequestOptions {
  /** Of the run directory, which is the agent's own. */
  readonly controlSocket: string;
  /** The board must not lose its power half way through its firmware. */
  readonly isUpdating: () => boolean;
}

export class RebootRequest {
  readonly #file: string;
  readonly #isUpdating: () => boolean;

  constructor({ controlSocket, isUpdating }: RebootRequestOptions) {
    this.#file = join(dirname(controlSocket), 'reboot');
    this.#isUpdating = isUpdating;
    // Whatever a former run asked for has been done, or never will be.
    this.#withdraw();
  }

  readonly ask = (): RebootRefusal | undefined => {
    if (this.#isUpdating()) {
      return { code: 'EUPDATING', because: 'the firmware of the board is being updated' };
    }
    try {
      writeFileSync(this.#file, '', { mode: OWNER_ONLY });
    } catch (error) {
      return {
        code: 'EREBOOT',
        because: `nobody can be asked: ${String(error)}`,
        fault: 'hardware',
      };
    }
    setTimeout(() => this.#withdraw(), WITHDRAWN_MS).unref();
    return undefined;
  };

  #withdraw(): void {
    try {
      rmSync(this.#file, { force: true });
    } catch {
      // A run directory that cannot be written to takes no request either.
    }
  }
}
