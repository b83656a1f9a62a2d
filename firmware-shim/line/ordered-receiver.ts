/**
 * Takes messages in order and each once: the next is taken, the last again is a duplicate, anything else is
 * out of order and ignored until the far end repeats what is missing.
 */
import { nextSequence } from '../wire/frame.ts';

export type Arrival = 'next' | 'duplicate' | 'outOfOrder';

export class OrderedReceiver {
  #last = 0;

  /** Sequence of the last message taken, which is what an acknowledgement carries; 0 before the first. */
  get acknowledgement(): number {
    return this.#last;
  }

  take(sequence: number): Arrival {
    if (sequence === nextSequence(this.#last)) {
      this.#last = sequence;
      return 'next';
    }
    return sequence === this.#last && sequence !== 0 ? 'duplicate' : 'outOfOrder';
  }

  restart(): void {
    this.#last = 0;
  }
}
