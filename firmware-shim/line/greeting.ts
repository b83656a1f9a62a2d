/**
 * Asking the board who it is, until it says so or patience ends.
 */
import type { Deadline } from '../base/core.ts';
import { Timers } from '../base/timers.ts';
import { encodeOffer, HOST_OFFER } from '../wire/capability.ts';
import type { MessageRefusal } from '../wire/field-reader.ts';
import type { Frame } from '../wire/frame.ts';
import { decodeHello } from '../wire/hello-codec.ts';
import type { Hello } from '../wire/messages.ts';

const ASK_MS = 250;
/** How long a board is asked before it counts as not there. */
export const PATIENCE_MS = {
  /** As patient with a board that does not answer as with one that falls silent. */
  meeting: 3_000,
  /** The port is open and the board was there a moment ago: a second tells whether it still is. */
  resync: 1_000,
  /** A start of the MCU takes half a second. */
  reset: 2_000,
} as const;
const OFFER = encodeOffer(HOST_OFFER);

export type GreetingOutcome =
  | { readonly type: 'sendFrame'; readonly frame: Frame }
  | { readonly type: 'met'; readonly hello: Hello }
  | { readonly type: 'refused'; readonly refusal: MessageRefusal }
  /** A frame that has nothing to do with this greeting. */
  | { readonly type: 'stale' }
  | { readonly type: 'unanswered' };

export class Greeting {
  /** The number the board must answer with. */
  readonly conversation: number;
  readonly #timers = new Timers<'ask'>();
  readonly #asksMax: number;
  #asks = 0;

  constructor(conversation: number, patienceMs: number, nowMs: number) {
    this.conversation = conversation;
    this.#asksMax = Math.ceil(patienceMs / ASK_MS);
    this.#timers.set('ask', nowMs);
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  tick(nowMs: number): GreetingOutcome | undefined {
    if (!this.#timers.take('ask', nowMs)) return undefined;
    if (this.#asks >= this.#asksMax) return { type: 'unanswered' };
    this.#asks += 1;
    this.#timers.set('ask', nowMs + ASK_MS);
    return {
      type: 'sendFrame',
      frame: {
        kind: 'ask',
        sequence: 0,
        acknowledgement: 0,
        bootEpoch: 0,
        conversation: this.conversation,
        payload: OFFER,
      },
    };
  }

  onFrame(frame: Frame, nowMs: number): GreetingOutcome | undefined {
    if (frame.kind !== 'hello') return { type: 'stale' };
    if (frame.conversation === 0) {
      // The board has only just started and cannot have heard the last ask.
      this.#timers.set('ask', nowMs);
      return undefined;
    }
    if (frame.conversation !== this.conversation) return { type: 'stale' };
    const decoded = decodeHello(frame);
    return decoded.ok
      ? { type: 'met', hello: decoded.message }
      : { type: 'refused', refusal: decoded.refusal };
  }
}
