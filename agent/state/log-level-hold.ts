/**
 * The log level of the desired document: in force until its time, and for `LOG_LEVEL_S_MAX` at most, from the moment
 * it was first seen. A document without one, or with another, ends it at once.
 */
import { nothing } from '../../firmware-shim/base/core.ts';
import { type DesiredLogLevel, LOG_LEVEL_S_MAX, type LogLevelRecord } from '../model/log-level.ts';
import type { NoteLevel } from '../model/note.ts';
import type { StateNote } from '../model/notes/state-note.ts';

export const LOG_LEVEL_SHELF = 'log-level';
const KEY = 'held';
const MAX_MS = LOG_LEVEL_S_MAX * 1_000;

export type LogLevelEffect =
  /** 0 ends it: that of the configuration returns. */
  | { readonly type: 'holdLogLevel'; readonly level: NoteLevel; readonly forMs: number }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'storeRemove'; readonly shelf: string; readonly keys: readonly string[] }
  | { readonly type: 'noted'; readonly note: StateNote };

export class LogLevelHold {
  #record: LogLevelRecord | undefined;
  /** Of this run; what a former one had set ended with it. */
  #isHeld = false;

  /** Before the first `desired`. */
  restored(record: LogLevelRecord | undefined): void {
    this.#record = record;
  }

  desired(wanted: DesiredLogLevel | undefined, wallMs: number): readonly LogLevelEffect[] {
    const former = this.#record;
    if (wanted === undefined) return former === undefined ? nothing : this.#end(former);
    const isSame = former?.level === wanted.level && former.untilMs === wanted.untilMs;
    if (isSame && this.#isHeld) return nothing;
    const { level, untilMs } = wanted;
    const endsMs = isSame ? former.endsMs : Math.min(untilMs, wallMs + MAX_MS);
    // A clock that was set back meanwhile prolongs nothing beyond the bound.
    const forMs = Math.min(endsMs - wallMs, MAX_MS);
    const record: LogLevelRecord = { v: 1, level, untilMs, endsMs };
    this.#record = record;
    const value = JSON.stringify(record);
    const kept: readonly LogLevelEffect[] = isSame
      ? nothing
      : [{ type: 'storePut', shelf: LOG_LEVEL_SHELF, key: KEY, value }];
    if (forMs <= 0) return [...kept, ...this.#release(level)];
    this.#isHeld = true;
    const note = { code: 'logLevelHeld', level: 'notice', held: level, forMs } as const;
    return [...kept, { type: 'holdLogLevel', level, forMs }, { type: 'noted', note }];
  }

  #end(former: LogLevelRecord): readonly LogLevelEffect[] {
    this.#record = undefined;
    const removed = { type: 'storeRemove', shelf: LOG_LEVEL_SHELF, keys: [KEY] } as const;
    return [removed, ...this.#release(former.level)];
  }

  #release(level: NoteLevel): readonly LogLevelEffect[] {
    if (!this.#isHeld) return nothing;
    this.#isHeld = false;
    return [{ type: 'holdLogLevel', level, forMs: 0 }];
  }
}
