/** What is set aside in safe mode is never read and never lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_SHELF } from '../../../../agent/access/command-memory.ts';
import { OUTBOX_SHELF } from '../../../../agent/access/outbox.ts';
import { readRestored } from '../../../../agent/contract/restored.ts';
import {
  giveBack,
  SET_ASIDE_SHELF,
  type ShelfRecord,
  type StoreChanges,
  setAside,
} from '../../../../agent/contract/set-aside.ts';
import { DESIRED_KEY, DESIRED_SHELF, TRIAL_KEY } from '../../../../agent/state/commit-confirm.ts';
import { desired } from '../../../kit/branch.ts';

const HASH = 'ab'.repeat(32);
const trial = `{"v":1,"state":"trial","revision":7,"hash":"${HASH}","interruptions":1}`;

/** A store as far as it matters here: the newest of a key, in the order they were put. */
class Shelves {
  #records: readonly ShelfRecord[] = [];

  constructor(records: readonly ShelfRecord[]) {
    this.take({ puts: records, removes: [] });
  }

  readonly load = (shelf: string) => this.#records.filter((each) => each.shelf === shelf);

  take({ puts, removes }: StoreChanges): void {
    const isOf = (a: ShelfRecord) => (b: ShelfRecord) => a.shelf === b.shelf && a.key === b.key;
    const left = this.#records.filter((each) => ![...removes, ...puts].some(isOf(each)));
    this.#records = [...left, ...puts];
  }

  keys(shelf: string): readonly string[] {
    return this.load(shelf).map(({ key }) => key);
  }
}

const on = (shelf: string, key: string, value: string): ShelfRecord => ({ shelf, key, value });
const command = (id: string, state: string) =>
  on(
    COMMAND_SHELF,
    id,
    JSON.stringify({ id, state, errorCode: '200', errorMessage: 'Successful', nonce: `n-${id}` }),
  );

function crashed(): Shelves {
  return new Shelves([
    on(OUTBOX_SHELF, 'e1', 'no JSON at all'),
    on(OUTBOX_SHELF, 'e2', '{}'),
    command('done', 'Succeed'),
    command('running', 'Processing'),
    on(DESIRED_SHELF, DESIRED_KEY, JSON.stringify(desired())),
    on(DESIRED_SHELF, TRIAL_KEY, trial),
  ]);
}

describe('what the agent was working on when it crashed', () => {
  it('is set aside in safe mode, and the confirmed document is in force', () => {
    const store = crashed();
    const { changes, load, counts } = setAside(store.load, 'safe');
    store.take(changes);
    expect(counts).toEqual({ events: 2, commands: 1, documents: 1 });
    const read = readRestored(load);
    expect(read).toMatchObject({
      desired: { document: desired() },
      events: [],
      commands: [
        { id: 'done', state: 'Succeed' },
        { id: 'running', state: 'Processing', nonce: 'n-running' },
      ],
      trial: { state: 'undone', revision: 7, hash: HASH },
      refused: [],
    });
    // What the next start reads is the same.
    expect(readRestored(store.load)).toEqual(read);
  });

  it('leaves nothing but the ids of commands to a bare start, which so run at most once', () => {
    const store = crashed();
    const { changes, load } = setAside(store.load, 'bare');
    store.take(changes);
    const read = readRestored(load);
    expect(read).toMatchObject({ desired: undefined, events: [], refused: [] });
    expect(read.commands.map(({ id }) => id)).toEqual(['done', 'running']);
    expect(store.keys(DESIRED_SHELF)).toContain(DESIRED_KEY);
  });

  it('keeps a trial that says nothing of itself as it is, out of the way', () => {
    const store = new Shelves([on(DESIRED_SHELF, TRIAL_KEY, 'torn')]);
    store.take(setAside(store.load, 'safe').changes);
    expect(store.keys(DESIRED_SHELF)).toEqual([]);
    expect(store.load(SET_ASIDE_SHELF)).toMatchObject([{ value: 'torn' }]);
  });

  it('is set aside once, however often safe mode starts', () => {
    const store = crashed();
    store.take(setAside(store.load, 'safe').changes);
    const before = store.load(SET_ASIDE_SHELF);
    const { changes, counts } = setAside(store.load, 'safe');
    store.take(changes);
    expect(store.load(SET_ASIDE_SHELF)).toEqual(before);
    expect(counts).toEqual({ events: 2, commands: 1, documents: 1 });
  });
});

describe('an accepted event', () => {
  it('is in the outbox again, as it was and in order, when safe mode has ended', () => {
    const events = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), {
      selector: ([key]) => key,
    });
    const modes = fc.constantFrom('safe' as const, 'bare' as const);
    fc.assert(
      fc.property(events, fc.array(modes, { minLength: 1, maxLength: 4 }), (given, starts) => {
        const records = given.map(([key, value]) => on(OUTBOX_SHELF, key, value));
        const store = new Shelves(records);
        for (const mode of starts) {
          const { changes, load } = setAside(store.load, mode);
          expect(load(OUTBOX_SHELF)).toEqual([]);
          store.take(changes);
        }
        store.take(giveBack(store.load));
        expect(store.load(OUTBOX_SHELF)).toEqual(records);
        expect(store.load(SET_ASIDE_SHELF)).toEqual([]);
      }),
    );
  });
});
