/**
 * Messages from one thread of the agent to the other: in order, a moment later, and copied as structured
 * cloning copies them, so that a message which could not cross a real thread border cannot cross this one.
 */
import { assert } from '../../firmware-shim/base/assert.ts';
import type { World } from '../world/world.ts';

/** More messages under way than this mean one thread floods the other. */
const UNDER_WAY_MAX = 1_000;

export interface MailboxOptions<Message> {
  readonly world: World;
  readonly why: string;
  readonly hopMs: number;
  readonly deliver: (message: Message) => void;
}

export class Mailbox<Message> {
  readonly #options: MailboxOptions<Message>;
  #underWay = 0;
  #open = true;

  constructor(options: MailboxOptions<Message>) {
    this.#options = options;
  }

  post(message: Message): void {
    const { world, why, hopMs, deliver } = this.#options;
    const copy = structuredClone(message);
    this.#underWay += 1;
    assert(this.#underWay <= UNDER_WAY_MAX, `${why}: more than ${UNDER_WAY_MAX} under way`);
    world.after(hopMs, why, () => {
      this.#underWay -= 1;
      if (this.#open) deliver(copy);
    });
  }

  /** What is under way is never delivered. */
  close(): void {
    this.#open = false;
  }
}
