/**
 * One file of /proc or /sys, kept open and read anew from its beginning each time.
 *
 * Keeping it open saves the path walk, and for `/proc/net/dev` it also pins the network namespace of the
 * opener. A file that fails is closed and tried again, ever more rarely: a sensor may come back, and an
 * exception for each of many dead ones would cost more than all the rest.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Longest pause between two tries of a failing file, in reads. */
const PAUSE_READS_MAX = 64;

export type KeptRead =
  | { readonly is: 'read'; readonly bytes: Uint8Array }
  | { readonly is: 'failed' }
  /** Failed lately and was not tried this time. */
  | { readonly is: 'resting' };

const FAILED: KeptRead = { is: 'failed' };
const RESTING: KeptRead = { is: 'resting' };

export class KeptFile {
  readonly #path: string;
  #fd: number | undefined;
  #pauseReads = 1;
  #restReads = 0;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads as much as `buffer` holds; what is returned is a view of it, good until the next read. */
  read(buffer: Uint8Array): KeptRead {
    if (this.#closed) return RESTING;
    if (this.#restReads > 0) {
      this.#restReads -= 1;
      return RESTING;
    }
    try {
      // Without O_NONBLOCK a FIFO in the file's place would hold the thread for ever.
      this.#fd ??= openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
      const length = readFromStart(this.#fd, buffer);
      this.#pauseReads = 1;
      return { is: 'read', bytes: buffer.subarray(0, length) };
    } catch {
      this.#release();
      this.#restReads = this.#pauseReads;
      this.#pauseReads = Math.min(2 * this.#pauseReads, PAUSE_READS_MAX);
      return FAILED;
    }
  }

  close(): void {
    this.#closed = true;
    this.#release();
  }

  #release(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** /proc hands out a page at a time, however large the buffer is. */
function readFromStart(fd: number, buffer: Uint8Array): number {
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(fd, buffer, length, buffer.length - length, length);
    if (count === 0) break;
    length += count;
  }
  return length;
}
