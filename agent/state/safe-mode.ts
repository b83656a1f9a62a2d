/**
 * Safe mode: an agent that crashed three times in a row starts without what may have made it crash (F-30).
 *
 * Crashes are counted, not timed: a run that has lasted a minute sets the count back, so three crashes within a minute
 * are always seen and no clock has to mean anything over a restart. In safe mode the last confirmed document is in
 * force, what was being worked on is set aside and none of it is read, and no document is taken; three crashes more and
 * the confirmed document is left out as well. After a stable time the agent gives back what it had set aside and starts
 * anew. When that ends in safe mode again, the time doubles and what is set aside stays so until another version of the
 * agent tries it: nothing is ever thrown away.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { StateNote } from '../model/notes/state-note.ts';
import type { AgentStart, CrashBook, StartMode } from '../model/restart.ts';
import type { SafeModeSnapshot } from '../model/snapshot.ts';

export const CRASHES_MAX = 3;
const BARE_CRASHES = 2 * CRASHES_MAX;
/** A run of this length is no part of a row of crashes. */
export const LASTED_MS = 60_000;
/** Long enough for somebody who saw the alarm to look, short enough for a branch whose documents wait. */
export const SAFE_MS = 600_000;
/** Ten minutes, doubled six times, are over ten hours. */
const DOUBLINGS_MAX = 6;

export const NO_CRASHES: CrashBook = { v: 1, crashes: 0, relapses: 0 };

export function modeOf({ crashes }: CrashBook): StartMode {
  if (crashes >= BARE_CRASHES) return 'bare';
  return crashes >= CRASHES_MAX ? 'safe' : 'normal';
}

/** The book after one more crash; the count stops where it makes no difference any more. */
export function afterCrash(book: CrashBook): CrashBook {
  return { ...book, crashes: Math.min(BARE_CRASHES, book.crashes + 1) };
}

/** A new version of the agent may digest what the old one could not. */
export function triesAgain(book: CrashBook, version: string): boolean {
  return modeOf(book) === 'normal' && book.keptBy !== undefined && book.keptBy !== version;
}

export type SafeModeEvent = { readonly type: 'started'; readonly start: AgentStart };

export type SafeModeEffect =
  | { readonly type: 'keepCrashBook'; readonly book: CrashBook }
  /** End well and be started again; before that, give back what was set aside. */
  | { readonly type: 'startAnew'; readonly book: CrashBook; readonly givesBack: boolean }
  /** The gateway is to know. */
  | { readonly type: 'progressed' }
  | { readonly type: 'noted'; readonly note: StateNote };
type Effects = readonly SafeModeEffect[];

export class SafeMode implements Core<SafeModeEvent, SafeModeEffect> {
  readonly #version: string;
  readonly #timers = new Timers<'lasted' | 'leave'>();
  #start: AgentStart | undefined;

  constructor(version: string) {
    this.#version = version;
  }

  handle({ start }: SafeModeEvent, nowMs: number): Effects {
    this.#start = start;
    const { mode, book, setAside } = start;
    const { crashes, relapses } = book;
    if (crashes > 0) this.#timers.set('lasted', nowMs + LASTED_MS);
    if (mode === 'normal') {
      if (relapses > 0) this.#timers.set('leave', nowMs + SAFE_MS);
      return nothing;
    }
    const stayMs = SAFE_MS * 2 ** Math.min(relapses, DOUBLINGS_MAX);
    this.#timers.set('leave', nowMs + stayMs);
    return [
      noted({ code: 'safeModeEntered', level: 'error', mode, crashes, ...setAside, stayMs }),
      { type: 'progressed' },
    ];
  }

  tick(nowMs: number): Effects {
    const effects: SafeModeEffect[] = [];
    if (this.#start === undefined) return effects;
    if (this.#timers.take('lasted', nowMs)) effects.push(...this.#lasted(this.#start));
    if (this.#timers.take('leave', nowMs)) effects.push(...this.#leave(this.#start));
    return effects;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** Undefined in an ordinary run. */
  snapshot(): SafeModeSnapshot | undefined {
    const start = this.#start;
    const untilMs = this.#timers.at('leave');
    if (start === undefined || start.mode === 'normal') return undefined;
    const { mode, book, setAside } = start;
    return { mode, crashes: book.crashes, setAside, ...(untilMs !== undefined && { untilMs }) };
  }

  /** Of a mode that holds, only the crashes beyond those that led to it are forgotten. */
  #lasted(start: AgentStart): Effects {
    const crashes = { normal: 0, safe: CRASHES_MAX, bare: BARE_CRASHES }[start.mode];
    if (crashes === start.book.crashes) return nothing;
    return this.#keep(start, { ...start.book, crashes });
  }

  #leave(start: AgentStart): Effects {
    const { relapses } = start.book;
    if (start.mode === 'normal') return this.#keep(start, { ...start.book, relapses: 0 });
    const givesBack = relapses === 0;
    const { keptBy: _former, ...rest } = start.book;
    const left: CrashBook = { ...rest, crashes: 0, relapses: relapses + 1 };
    const book = givesBack ? left : { ...left, keptBy: this.#version };
    return [
      noted({ code: 'safeModeLeft', level: 'notice', givesBack }),
      { type: 'startAnew', book, givesBack },
    ];
  }

  #keep(start: AgentStart, book: CrashBook): Effects {
    this.#start = { ...start, book };
    return [{ type: 'keepCrashBook', book }];
  }
}

function noted(note: StateNote): SafeModeEffect {
  return { type: 'noted', note };
}
