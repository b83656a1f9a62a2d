/**
 * How a start of the agent takes up what the runs before it left: reads the book of crashes, sets aside or gives back
 * what the store holds, and counts the crash that ends a run.
 */
import {
  countsOf,
  giveBack,
  SET_ASIDE_SHELF,
  type StoreChanges,
  setAside,
} from '../contract/set-aside.ts';
import { keepCrashBook, readCrashBook } from '../durable/crash-book.ts';
import type { AgentStart, CrashBook } from '../model/restart.ts';
import type { Store, StoredRecord } from '../ports.ts';
import { afterCrash, modeOf, NO_CRASHES, triesAgain } from '../state/safe-mode.ts';
import { DirectoryFiles } from './store/directory-files.ts';

type Load = (shelf: string) => readonly StoredRecord[];
type OpenStore = Store & { loadNow: Load };

export interface Prepared {
  readonly start: AgentStart;
  /** What this start reads of the store. */
  readonly load: Load;
}

/** Resolves when the disk has taken the changes or refused them: what is set aside is not read in either case. */
export async function prepareStart(
  store: OpenStore,
  stateDirectory: string,
  version: string,
): Promise<Prepared> {
  const files = new DirectoryFiles(stateDirectory);
  const book = readCrashBook(files) ?? NO_CRASHES;
  const load: Load = (shelf) => store.loadNow(shelf);
  const mode = modeOf(book);
  if (mode !== 'normal') {
    const aside = setAside(load, mode);
    await change(store, aside.changes).catch(() => undefined);
    return { start: { mode, book, setAside: aside.counts }, load: aside.load };
  }
  if (!triesAgain(book, version)) {
    return { start: { mode, book, setAside: countsOf(load(SET_ASIDE_SHELF)) }, load };
  }
  const { keptBy: _former, ...tried } = book;
  await giveBackAll(store).catch(() => undefined);
  keepCrashBook(files, tried);
  return { start: { mode, book: tried, setAside: countsOf(load(SET_ASIDE_SHELF)) }, load };
}

export async function giveBackAll(store: OpenStore): Promise<void> {
  await change(
    store,
    giveBack((shelf) => store.loadNow(shelf)),
  );
}

export function keepBook(stateDirectory: string, book: CrashBook): void {
  // A book that cannot be kept counts from where it was: safe mode comes later or lasts longer, nothing else.
  keepCrashBook(new DirectoryFiles(stateDirectory), book);
}

/** The last act of a run that ends in a fault of ours. */
export function countCrash(stateDirectory: string): void {
  const files = new DirectoryFiles(stateDirectory);
  keepCrashBook(files, afterCrash(readCrashBook(files) ?? NO_CRASHES));
}

/** Within one turn, and so in one transaction: moved or not, never half. */
async function change(store: Store, { puts, removes }: StoreChanges): Promise<void> {
  await Promise.all([
    ...removes.map(async ({ shelf, key }) => store.remove(shelf, [key])),
    ...puts.map(async ({ shelf, key, value }) => store.put(shelf, key, value)),
  ]);
}
