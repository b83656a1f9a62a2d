/**
 * Decides whether user traffic is stopped: in arrears, or locked because this device was without its gateway for longer
 * than `SecurityLockThreshold`.
 *
 * The time without a gateway is counted on the monotonic clock alone, so no jump of the wall clock locks or spares
 * anybody. It is kept over a restart of the agent exactly, over one of the machine to the last checkpoint; a machine that is off
 * counts nothing. A lock ends by the command `unlock` and not by the gateway's return; arrears end with the document that says so.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { DataStop, LockRecord } from '../model/data-stop.ts';
import type { FastPathOrder } from '../model/fast-path.ts';
import type { StateNote } from '../model/notes/state-note.ts';

export const LOCK_SHELF = 'lock';
const LOCK_KEY = 'offline';
/** What a reboot may spare a locked-out device; 288 small writes a day, and only while the gateway is away. */
export const CHECKPOINT_MS = 300_000;
const SECOND_MS = 1_000;

export type DataLockEvent =
  | { readonly type: 'restored'; readonly record: LockRecord | undefined }
  /** What the document in force says; a threshold of 0 or none locks nothing. */
  | {
      readonly type: 'planned';
      readonly thresholdS: number | undefined;
      readonly isInArrears: boolean;
    }
  | { readonly type: 'registrationChanged'; readonly registered: boolean }
  | { readonly type: 'unlockRequested'; readonly requestId: string };

export type DataLockEffect =
  | { readonly type: 'orderFastPath'; readonly order: FastPathOrder }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | {
      readonly type: 'actionAnswered';
      readonly requestId: string;
      readonly ok: boolean;
      readonly because: string;
    }
  | { readonly type: 'noted'; readonly note: StateNote }
  /** Whether user traffic is stopped is different now. */
  | { readonly type: 'progressed' };

type Effects = readonly DataLockEffect[];

export class DataLock implements Core<DataLockEvent, DataLockEffect> {
  readonly #machineBoot: string;
  readonly #timers = new Timers<'lock' | 'checkpoint'>();
  #thresholdMs = 0;
  #isInArrears = false;
  #isLocked = false;
  /** Undefined while the gateway is reached. */
  #sinceMs: number | undefined;
  #earlierMs = 0;
  #stop: DataStop | undefined;

  constructor(machineBoot: string) {
    this.#machineBoot = machineBoot;
  }

  get stop(): DataStop | undefined {
    return this.#stop;
  }

  handle(event: DataLockEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'restored':
        return this.#restore(event.record, nowMs);
      case 'planned': {
        const { thresholdS = 0, isInArrears } = event;
        this.#isInArrears = isInArrears;
        const wasMeasured = this.#isMeasured();
        this.#thresholdMs = thresholdS * SECOND_MS;
        this.#arm(nowMs);
        const begun = !wasMeasured && this.#isMeasured() ? this.#put() : nothing;
        return [...begun, ...this.#judge()];
      }
      case 'registrationChanged':
        return this.#registration(event.registered, nowMs);
      case 'unlockRequested':
        return this.#unlock(event.requestId, nowMs);
    }
  }

  tick(nowMs: number): Effects {
    if (this.#timers.take('lock', nowMs)) {
      this.#isLocked = true;
      this.#arm(nowMs);
      return [...this.#put(), ...this.#judge()];
    }
    if (!this.#timers.take('checkpoint', nowMs)) return nothing;
    this.#earlierMs += nowMs - (this.#sinceMs ?? nowMs);
    this.#sinceMs = nowMs;
    this.#arm(nowMs);
    return this.#put();
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** Until the gateway has been reached, this run is without it. */
  #restore(record: LockRecord | undefined, nowMs: number): Effects {
    const { machineBoot, sinceMs } = record ?? {};
    this.#isLocked = record?.locked ?? false;
    this.#earlierMs = record?.offlineMs ?? 0;
    const isComparable = machineBoot === this.#machineBoot && sinceMs !== undefined;
    this.#sinceMs = isComparable ? Math.min(sinceMs, nowMs) : nowMs;
    return this.#judge();
  }

  #registration(registered: boolean, nowMs: number): Effects {
    const wasMeasured = this.#isMeasured();
    this.#earlierMs = 0;
    this.#sinceMs = registered ? undefined : nowMs;
    this.#arm(nowMs);
    return wasMeasured || this.#isMeasured() ? this.#put() : nothing;
  }

  #unlock(requestId: string, nowMs: number): Effects {
    const because = this.#isLocked ? 'this device is unlocked' : 'this device was not locked';
    const answer = { type: 'actionAnswered', requestId, ok: true, because } as const;
    if (!this.#isLocked) return [answer];
    this.#isLocked = false;
    this.#earlierMs = 0;
    if (this.#sinceMs !== undefined) this.#sinceMs = nowMs;
    this.#arm(nowMs);
    return [...this.#put(), ...this.#judge(), answer];
  }

  #isMeasured(): boolean {
    return this.#thresholdMs > 0 && !this.#isLocked && this.#sinceMs !== undefined;
  }

  #arm(nowMs: number): void {
    this.#timers.clearAll();
    if (this.#sinceMs === undefined || !this.#isMeasured()) return;
    this.#timers.set('lock', this.#sinceMs - this.#earlierMs + this.#thresholdMs);
    this.#timers.set('checkpoint', nowMs + CHECKPOINT_MS);
  }

  /** A lock outweighs arrears: it is what stays when these are paid. */
  #judge(): Effects {
    const arrears = this.#isInArrears ? 'arrears' : undefined;
    const stop: DataStop | undefined = this.#isLocked ? 'securityLock' : arrears;
    if (stop === this.#stop) return nothing;
    this.#stop = stop;
    const note: StateNote =
      stop === undefined
        ? { code: 'dataResumed', level: 'notice' }
        : { code: 'dataStopped', level: 'warning', why: stop };
    return [
      { type: 'orderFastPath', order: { type: 'dataStopChanged', stop } },
      { type: 'noted', note },
      { type: 'progressed' },
    ];
  }

  #put(): Effects {
    const record: LockRecord = {
      v: 1,
      locked: this.#isLocked,
      machineBoot: this.#machineBoot,
      ...(this.#sinceMs !== undefined && { sinceMs: this.#sinceMs }),
      offlineMs: this.#earlierMs,
    };
    return [{ type: 'storePut', shelf: LOCK_SHELF, key: LOCK_KEY, value: JSON.stringify(record) }];
  }
}
