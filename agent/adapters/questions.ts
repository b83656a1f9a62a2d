/** Questions to whoever answers later by an event with the question's id: each is answered, or given up in time. */
import { within } from './within.ts';

export class Questions<Id, Answer> {
  readonly #waiting = new Map<Id, (answer: Answer) => void>();

  /** `put` asks; `silence` stands for an answer that does not come. */
  async ask(id: Id, waitMs: number, silence: Answer, put: () => void): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    put();
    const answer = await within(promise, waitMs, silence);
    this.#waiting.delete(id);
    return answer;
  }

  answered(id: Id, answer: Answer): void {
    this.#waiting.get(id)?.(answer);
  }
}
