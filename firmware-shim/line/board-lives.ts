/**
 * The lives of the MCU this host has seen, so that a late word from a former one is known as such.
 */
import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Hello } from '../wire/messages.ts';

/** A frame of an earlier life than these is later than any line can be. */
const FORMER_EPOCHS_MAX = 8;

export class BoardLives {
  readonly #former = new BoundedQueue<number>(FORMER_EPOCHS_MAX);
  #hello: Hello | undefined;

  /** The last hello, also while the board is lost. */
  get hello(): Hello | undefined {
    return this.#hello;
  }

  /** Boot epochs before the present one. */
  get formerEpochs(): readonly number[] {
    return this.#former.toArray();
  }

  met(hello: Hello): void {
    const former = this.#hello?.bootEpoch;
    if (former !== undefined && former !== hello.bootEpoch) this.#former.push(former);
    this.#hello = hello;
  }
}
