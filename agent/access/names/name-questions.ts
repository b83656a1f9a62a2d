/**
 * The questions that name servers have not answered yet: a few at once, none for ever, and never two that ask the same.
 */
import type { Deadline } from '../../../firmware-shim/base/core.ts';
import type { Family } from '../../../firmware-shim/kernel/types.ts';

/** Both channels and an enrolment ask for both families at most, and a few of them may just be late. */
export const QUESTIONS_MAX = 16;
/** Some name servers take half a minute; what they say then serves the next attempt. */
export const QUESTION_MS = 40_000;

export interface About {
  readonly name: string;
  readonly family: Family;
  readonly sourceAddress?: string;
}

interface Question extends About {
  readonly untilMs: number;
}

export class NameQuestions {
  readonly #open = new Map<number, Question>();
  #asked = 0;

  /** The one that is open already, or another; then the oldest may have to give up its place. */
  ask(
    about: About,
    nowMs: number,
  ): { readonly questionId: number; readonly isNew: boolean; readonly crowdedOut?: number } {
    for (const [questionId, each] of this.#open) {
      if (isSame(each, about)) return { questionId, isNew: false };
    }
    const [oldest] = this.#open.keys();
    const isFull = this.#open.size >= QUESTIONS_MAX;
    const questionId = this.#asked;
    this.#asked += 1;
    this.#open.set(questionId, { ...about, untilMs: nowMs + QUESTION_MS });
    const crowdedOut = isFull && oldest !== undefined ? { crowdedOut: oldest } : {};
    return { questionId, isNew: true, ...crowdedOut };
  }

  /** Undefined for one that has ended before. */
  end(questionId: number): About | undefined {
    const question = this.#open.get(questionId);
    this.#open.delete(questionId);
    return question;
  }

  overdue(nowMs: number): readonly number[] {
    return [...this.#open].flatMap(([id, { untilMs }]) => (untilMs <= nowMs ? [id] : []));
  }

  deadline(): Deadline | undefined {
    const [oldest] = this.#open.values();
    return oldest && { atMs: oldest.untilMs, why: 'question' };
  }
}

function isSame(one: About, other: About): boolean {
  return (
    one.name === other.name &&
    one.family === other.family &&
    one.sourceAddress === other.sourceAddress
  );
}
