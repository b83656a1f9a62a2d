/**
 * The lives of the MCU this host has seen, so that a late word from a former one is known as such.
 */
import { BoundedQueue } from '../base/bounded-queue.ts';
import { type Frame, NO_PAYLOAD } from '../wire/frame.ts';
import type { Hello } from '../wire/messages.ts';

/** A frame of an earlier life than these is later than any line can be. */
const FORMER_EPOCHS_MAX = 8;

export class BoardLives {
  readonly #former = new BoundedQueue<number>(FORMER_EPOCHS_MAX);
  #hello: Hello | undefined;
  #presentEpoch = 0;

  /** The last hello, also while the board is lost. */
  get hello(): Hello | undefined {
    return this.#hello;
  }

  /** Boot epochs before the present one. */
  get formerEpochs(): readonly number[] {
    return this.#former.toArray();
  }

  /** Whether the host knows which life it would end. */
  get epochKnown(): boolean {
    return this.#presentEpoch !== 0;
  }

  met(hello: Hello): void {
    const former = this.#hello?.bootEpoch;
    if (former !== undefined && former !== hello.bootEpoch) this.#former.push(former);
    this.#hello = hello;
    this.#presentEpoch = hello.bootEpoch;
  }

  /** The MCU started again and has not said hello yet. */
  reborn(bootEpoch: number): void {
    this.#presentEpoch = bootEpoch;
  }

  /** Ends the present life and no later one, however late or often it arrives. */
  resetFrame(conversation: number): Frame {
    return {
      kind: 'reset',
      sequence: 0,
      acknowledgement: 0,
      bootEpoch: this.#presentEpoch,
      conversation,
      payload: NO_PAYLOAD,
    };
  }
}
