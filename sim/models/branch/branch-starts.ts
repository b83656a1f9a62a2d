/**
 * What a start of the agent takes up from the runs before it, and how a run that cannot digest something ends: the
 * counterpart of `agent/adapters/agent-start.ts`, with the rules that ship.
 *
 * Only an end by a fault of its own is counted here. The kills that seeds draw would be counted, too, and three of them
 * in a row lead to minutes in safe mode: that is a story of its own, and no seed's.
 */
import type { AccessIntake } from '../../../agent/access/intake.ts';
import { readAccessEvent, readSafely } from '../../../agent/contract/access-intake.ts';
import { readRestored } from '../../../agent/contract/restored.ts';
import {
  countsOf,
  giveBack,
  SET_ASIDE_SHELF,
  type StoreChanges,
  setAside,
} from '../../../agent/contract/set-aside.ts';
import type { AgentStart, CrashBook, StartMode } from '../../../agent/model/restart.ts';
import type { AccessEvent, CommandVerifier, StoredRecord } from '../../../agent/ports.ts';
import { afterCrash, modeOf, NO_CRASHES } from '../../../agent/state/safe-mode.ts';
import type { StoreRestored } from '../../../agent/wiring/control-events.ts';
import type { MemoryStore } from '../disk/memory-store.ts';

type Load = (shelf: string) => readonly StoredRecord[];

export class BranchStarts {
  /** Whatever holds this text ends the agent's process when it is read. */
  poison: string | undefined;
  readonly #store: MemoryStore;
  readonly #verify: CommandVerifier | undefined;
  /** A small file beside the store. */
  #book: CrashBook = NO_CRASHES;
  #mode: StartMode = 'normal';

  constructor(store: MemoryStore, verify?: CommandVerifier) {
    this.#store = store;
    this.#verify = verify;
  }

  /** What a start reads of the store; undefined when reading it was the end. */
  restore(): StoreRestored | undefined {
    const { start, load } = this.#prepare();
    this.#mode = start.mode;
    const texts: string[] = [];
    const restored = readRestored((shelf) => {
      const records = load(shelf);
      texts.push(...records.map(({ value }) => value));
      return records;
    }, start);
    return this.#survives(texts) ? restored : undefined;
  }

  /** What a run makes of what arrives; undefined when reading it was the end. */
  read(event: AccessEvent): AccessIntake | undefined {
    const isSafe = this.#mode !== 'normal';
    const read = (isSafe ? readSafely : readAccessEvent)(event, this.#verify);
    const isUnread = isSafe && read.type === 'messageRefused' && read.about === 'desired';
    if (this.poison === undefined || isUnread || event.type !== 'messageArrived') return read;
    return this.#survives([new TextDecoder().decode(event.payload)]) ? read : undefined;
  }

  keep(book: CrashBook): void {
    this.#book = book;
  }

  /** A run in safe mode ends well: what it had set aside goes back. */
  leave(book: CrashBook, givesBack: boolean): void {
    if (givesBack) this.#change(giveBack((shelf) => this.#store.load(shelf)));
    this.keep(book);
  }

  #prepare(): { readonly start: AgentStart; readonly load: Load } {
    const book = this.#book;
    const mode = modeOf(book);
    const load: Load = (shelf) => this.#store.load(shelf);
    if (mode === 'normal') {
      return { start: { mode, book, setAside: countsOf(load(SET_ASIDE_SHELF)) }, load };
    }
    const aside = setAside(load, mode);
    this.#change(aside.changes);
    return { start: { mode, book, setAside: aside.counts }, load: aside.load };
  }

  #survives(texts: readonly string[]): boolean {
    const { poison } = this;
    const isPoisoned = poison !== undefined && texts.some((text) => text.includes(poison));
    if (isPoisoned) this.#book = afterCrash(this.#book);
    return !isPoisoned;
  }

  #change({ puts, removes }: StoreChanges): void {
    for (const { shelf, key } of removes) this.#store.remove(shelf, [key]);
    for (const { shelf, key, value } of puts) this.#store.put(shelf, key, value, () => undefined);
  }
}
