/** Safe mode in virtual time: runs that crash, runs that last, and what each start is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentStart, CrashBook } from '../../../../agent/model/restart.ts';
import {
  afterCrash,
  CRASHES_MAX,
  LASTED_MS,
  modeOf,
  NO_CRASHES,
  SAFE_MS,
  SafeMode,
  type SafeModeEffect,
  triesAgain,
} from '../../../../agent/state/safe-mode.ts';
import { advance } from '../../../kit/advance.ts';

const NOTHING = { events: 0, commands: 0, documents: 0 };
const VERSION = '1.0.0';

/** One run of the agent that ends after `lastsMs`, by itself or by a crash. */
function run(book: CrashBook, lastsMs: number, crashes: boolean) {
  const core = new SafeMode(VERSION);
  const start: AgentStart = { mode: modeOf(book), book, setAside: NOTHING };
  const begun = core.handle({ type: 'started', start }, 0);
  const effects: SafeModeEffect[] = [...begun];
  let kept = book;
  for (const { effect } of advance(core, 0, lastsMs)) {
    effects.push(effect);
    if (effect.type === 'keepCrashBook' || effect.type === 'startAnew') kept = effect.book;
    if (effect.type === 'startAnew') return { effects, book: kept, core };
  }
  return { effects, book: crashes ? afterCrash(kept) : kept, core };
}

function crashedTimes(times: number, book = NO_CRASHES): CrashBook {
  return Array.from({ length: times }).reduce<CrashBook>((each) => run(each, 0, true).book, book);
}

const types = (effects: readonly SafeModeEffect[]) => effects.map(({ type }) => type);

describe('safe mode', () => {
  it('begins with the start after the third crash, and says so', () => {
    expect(modeOf(crashedTimes(CRASHES_MAX - 1))).toBe('normal');
    const core = new SafeMode(VERSION);
    const book = crashedTimes(CRASHES_MAX);
    const setAside = { events: 7, commands: 2, documents: 1 };
    const begin = { code: 'safeModeEntered', level: 'error', mode: 'safe', crashes: 3 };
    expect(
      core.handle({ type: 'started', start: { mode: 'safe', book, setAside } }, 0),
    ).toStrictEqual([
      { type: 'noted', note: { ...begin, ...setAside, stayMs: SAFE_MS } },
      { type: 'progressed' },
    ]);
  });

  it('leaves out the confirmed document as well when safe mode crashes three times', () => {
    expect(modeOf(crashedTimes(5))).toBe('safe');
    expect(modeOf(crashedTimes(6))).toBe('bare');
    expect(modeOf(crashedTimes(60))).toBe('bare');
  });

  it('costs an ordinary run no write and no timer', () => {
    const { effects, core } = run(NO_CRASHES, 0, false);
    expect(effects).toEqual([]);
    expect(core.deadline()).toBeUndefined();
  });

  it('forgets crashes once a run has lasted', () => {
    const { effects, book } = run(crashedTimes(2), LASTED_MS, false);
    expect(types(effects)).toEqual(['keepCrashBook']);
    expect(book).toEqual(NO_CRASHES);
  });

  it('ends after its time: what was set aside is tried again by a fresh start', () => {
    const { effects, book } = run(crashedTimes(3), SAFE_MS, false);
    expect(effects.slice(-2)).toStrictEqual([
      { type: 'noted', note: { code: 'safeModeLeft', level: 'notice', givesBack: true } },
      { type: 'startAnew', book, givesBack: true },
    ]);
    expect(book).toStrictEqual({ v: 1, crashes: 0, relapses: 1 });
  });

  it('forgets that it was needed once an ordinary run has lasted as long', () => {
    const left = run(crashedTimes(3), SAFE_MS, false).book;
    expect(run(left, SAFE_MS - 1, false).book).toEqual(left);
    const { effects, book } = run(left, SAFE_MS, false);
    expect(effects).toStrictEqual([{ type: 'keepCrashBook', book: NO_CRASHES }]);
    // So the next row of crashes is the first again: what is set aside then is given back.
    const again = run(crashedTimes(3, book), SAFE_MS, false);
    expect(again.effects.at(-1)).toMatchObject({ type: 'startAnew', givesBack: true });
  });

  it.each([
    [0, 1],
    [1, 2],
    [6, 64],
    [7, 64],
    [1_000, 64],
  ])('stays after %i relapses for %i times its time', (relapses, times) => {
    const book = { ...crashedTimes(3), relapses };
    const { effects, core } = run(book, 0, false);
    expect(effects[0]).toMatchObject({ note: { stayMs: times * SAFE_MS } });
    expect(core.snapshot()?.untilMs).toBe(times * SAFE_MS);
  });

  it('forgets within itself only the crashes it has met itself', () => {
    expect(run(crashedTimes(3), LASTED_MS, false).effects.map(({ type }) => type)).toEqual([
      'noted',
      'progressed',
    ]);
    const { book } = run(crashedTimes(5), LASTED_MS, false);
    expect(book).toEqual(crashedTimes(3));
    expect(run(crashedTimes(6), LASTED_MS, false).book).toEqual(crashedTimes(6));
  });

  it('tells of the crashes that count now, not of those it was begun with', () => {
    const { core } = run(crashedTimes(5), LASTED_MS, false);
    expect(core.snapshot()).toMatchObject({ mode: 'safe', crashes: 3 });
  });

  it('keeps what was set aside when the fresh start crashes too, until another version comes', () => {
    const left = run(crashedTimes(3), SAFE_MS, false).book;
    const again = crashedTimes(3, left);
    expect(types(run(again, SAFE_MS, false).effects)).not.toContain('startAnew');
    const { effects, book } = run(again, 2 * SAFE_MS, false);
    expect(effects.at(-1)).toMatchObject({ type: 'startAnew', givesBack: false });
    expect(triesAgain(book, VERSION)).toBe(false);
    expect(triesAgain(book, '1.0.1')).toBe(true);
  });

  it.each([
    ['is tried again by another version', { ...NO_CRASHES, keptBy: '0.9' }, true],
    ['stays set aside with the version that kept it', { ...NO_CRASHES, keptBy: VERSION }, false],
    ['is nothing where nothing was kept', NO_CRASHES, false],
    [
      'stays set aside while another version is in safe mode itself',
      { ...crashedTimes(3), keptBy: '0.9' },
      false,
    ],
  ] as const)('leaves what %s', (_, book, isTried) => {
    expect(triesAgain(book, VERSION)).toBe(isTried);
  });

  it('tells anything within its time in its snapshot, and nothing in an ordinary run', () => {
    const core = new SafeMode(VERSION);
    expect(core.snapshot()).toBeUndefined();
    expect(core.tick(0)).toEqual([]);
    core.handle(
      { type: 'started', start: { mode: 'normal', book: NO_CRASHES, setAside: NOTHING } },
      0,
    );
    expect(core.snapshot()).toBeUndefined();
    const book = crashedTimes(3);
    core.handle({ type: 'started', start: { mode: 'safe', book, setAside: NOTHING } }, 5);
    expect(core.snapshot()).toEqual({
      mode: 'safe',
      crashes: 3,
      setAside: NOTHING,
      untilMs: 5 + SAFE_MS,
    });
  });
});

describe('any history of runs', () => {
  const runs = fc.array(
    fc.record({ lastsMs: fc.integer({ min: 0, max: 2 * SAFE_MS }), crashes: fc.boolean() }),
    { maxLength: 40 },
  );

  it('is in safe mode after three crashes within a minute, and never without a row of three', () => {
    fc.assert(
      fc.property(runs, (history) => {
        let book = NO_CRASHES;
        let atMs = 0;
        let crashedAtMs: number[] = [];
        let row = 0;
        for (const { lastsMs, crashes } of history) {
          const wasSafe = modeOf(book) !== 'normal';
          const ended = run(book, lastsMs, crashes);
          book = ended.book;
          atMs += lastsMs;
          if (wasSafe) {
            row = CRASHES_MAX;
            crashedAtMs = [];
            if (ended.effects.some(({ type }) => type === 'startAnew')) row = 0;
            continue;
          }
          if (lastsMs >= LASTED_MS) row = 0;
          if (!crashes) continue;
          row += 1;
          crashedAtMs = [...crashedAtMs, atMs].slice(-CRASHES_MAX);
          const [first = atMs] = crashedAtMs;
          const isDense = crashedAtMs.length === CRASHES_MAX && atMs - first < LASTED_MS;
          const isSafe = modeOf(book) !== 'normal';
          expect({ history, missed: isDense && !isSafe }).toEqual({ history, missed: false });
          const isTooSoon = isSafe && row < CRASHES_MAX;
          expect({ history, isTooSoon }).toEqual({ history, isTooSoon: false });
        }
      }),
    );
  });
});
