/** WAN settings asked for at the box: each is answered once, or the asker is told that nobody did. */
import type { WanAnswer, WanAsk } from '../../model/wan.ts';
import type { WanEvent } from '../../state/wan/wan-events.ts';
import { Questions } from '../questions.ts';

/** The disk is asked before anything is touched. */
const WAIT_MS = 5_000;
const SILENCE: WanAnswer = {
  ok: false,
  code: 'EWAN_SILENT',
  because: 'the agent did not answer',
};

type WanAsked = Extract<WanEvent, { readonly type: 'wanAsked' }>;

export class WanQuestions {
  readonly #questions = new Questions<string, WanAnswer>();
  #serial = 0;

  async ask(ask: WanAsk, post: (event: WanAsked) => void): Promise<WanAnswer> {
    this.#serial += 1;
    const requestId = `wan-${this.#serial}`;
    return this.#questions.ask(requestId, WAIT_MS, SILENCE, () =>
      post({ type: 'wanAsked', requestId, ask }),
    );
  }

  answered({ requestId, ...answer }: { readonly requestId: string } & WanAnswer): void {
    this.#questions.answered(requestId, answer);
  }
}
