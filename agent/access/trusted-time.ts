/**
 * The time certificates are judged by, on a machine whose clock may be anything after a start.
 *
 * Sources, best first: what an authenticated gateway said in this run, the board's battery clock, the clock of the
 * machine. None may put the time below the floor (the build, or the last time a gateway confirmed) or above the end of
 * the pinned CA, after which nothing could be trusted anyway. From the board's word on, time moves by the monotonic
 * clock alone: whoever moves the machine's clock then moves nothing here. With no source at all it is the floor.
 *
 * A board whose battery was low is behind, and would have every newer certificate be one that has not begun. Such a
 * certificate, a gateway's in all other respects, is the CA's own word that its time has come: when the machine's clock
 * says so too, two who know nothing of each other, the board's is given up. Time only ever moves forward by it.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { BoardCommand } from '../../firmware-shim/wire/messages.ts';
import type { IdentityNote } from '../model/notes/identity-note.ts';

/** As long as nothing better is known the machine's clock is looked at this often: NTP may answer any moment. */
const LOOK_MS = 1_000;
/** A good time is kept this often; a shorter gap would only wear the flash. */
const KEEP_EVERY_MS = 3_600_000;
/** Below this a battery clock is good enough as it is. */
const BOARD_DRIFT_MS = 30_000;
/** Below this the machine's clock is good enough as it is. */
const SYSTEM_DRIFT_MS = 300_000;

export type TimeSource = 'floor' | 'system' | 'board' | 'gateway';
const RANK: Readonly<Record<TimeSource, number>> = { floor: 0, system: 1, board: 2, gateway: 3 };

export interface TrustedTimeOptions {
  /** The latest of build time and the last time a gateway confirmed. */
  readonly floorMs: number;
  /** The last moment at which any pinned CA is valid. */
  readonly ceilingMs: number;
  /** The machine's clock. */
  readonly systemMs: () => number;
}

export type TimeEvent =
  | { readonly type: 'started' }
  | { readonly type: 'boardClockRead'; readonly wallMs: number }
  /** Over a connection whose certificate was judged good at the time trusted so far. */
  | { readonly type: 'gatewayTold'; readonly wallMs: number }
  /** A gateway showed a chain that is refused because it begins only then, and for nothing else. */
  | { readonly type: 'chainBegins'; readonly sinceMs: number };

export type TimeEffect =
  | { readonly type: 'timeLearnt'; readonly source: TimeSource }
  | { readonly type: 'keepTime'; readonly wallMs: number }
  | { readonly type: 'setSystemClock'; readonly wallMs: number }
  | { readonly type: 'boardCommand'; readonly command: BoardCommand }
  | { readonly type: 'noted'; readonly note: IdentityNote };
type Effects = readonly TimeEffect[];

export class TrustedTime implements Core<TimeEvent, TimeEffect> {
  readonly #options: TrustedTimeOptions;
  readonly #timers = new Timers<'look' | 'keep'>();
  #source: TimeSource = 'floor';
  /** Wall time and monotonic time of one moment. */
  #anchor: { readonly wallMs: number; readonly atMs: number };
  #floorMs: number;

  constructor(options: TrustedTimeOptions) {
    this.#options = options;
    this.#floorMs = options.floorMs;
    this.#anchor = { wallMs: options.floorMs, atMs: 0 };
  }

  get source(): TimeSource {
    return this.#source;
  }

  /** The time to judge by at this moment of the monotonic clock. */
  wallMs(nowMs: number): number {
    const { wallMs, atMs } = this.#anchor;
    const { systemMs } = this.#options;
    const now = systemMs();
    // Nothing better than the machine's clock: it is followed, within its bounds, wherever it goes.
    if (RANK[this.#source] <= RANK.system && this.#isPlausible(now)) return now;
    return Math.max(this.#floorMs, wallMs + nowMs - atMs);
  }

  handle(event: TimeEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'started':
        this.#anchor = { wallMs: this.#floorMs, atMs: nowMs };
        return this.#look(nowMs);
      case 'boardClockRead':
        return this.#boardClock(event.wallMs, nowMs);
      case 'gatewayTold':
        return this.#gateway(event.wallMs, nowMs);
      case 'chainBegins':
        return this.#chain(event.sinceMs, nowMs);
    }
  }

  tick(nowMs: number): Effects {
    return [
      ...(this.#timers.take('look', nowMs) ? this.#look(nowMs) : nothing),
      ...(this.#timers.take('keep', nowMs) ? this.#keep(nowMs) : nothing),
    ];
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  #isPlausible(wallMs: number): boolean {
    return wallMs >= this.#floorMs && wallMs <= this.#options.ceilingMs;
  }

  #look(nowMs: number): Effects {
    if (this.#source !== 'floor') return nothing;
    const systemMs = this.#options.systemMs();
    if (this.#isPlausible(systemMs)) return this.#learn('system', systemMs, nowMs);
    this.#timers.set('look', nowMs + LOOK_MS);
    return nothing;
  }

  #boardClock(wallMs: number, nowMs: number): Effects {
    // A gateway may have told the time before the board answered: then the board is to keep it for the next start.
    if (this.#source === 'gateway') {
      const isOff = Math.abs(this.wallMs(nowMs) - wallMs) >= BOARD_DRIFT_MS;
      return isOff ? [clockSet(this.wallMs(nowMs))] : nothing;
    }
    // An empty battery says 1970, and a clock gone mad says anything.
    return this.#isPlausible(wallMs) ? this.#learn('board', wallMs, nowMs) : nothing;
  }

  #chain(sinceMs: number, nowMs: number): Effects {
    const saidMs = this.wallMs(nowMs);
    const systemMs = this.#options.systemMs();
    const isAgreed = systemMs >= sinceMs && this.#isPlausible(systemMs);
    if (this.#source !== 'board' || saidMs >= sinceMs || !isAgreed) return nothing;
    // Of this run: the disk learns of it when a gateway has said the time.
    this.#floorMs = Math.max(this.#floorMs, sinceMs);
    this.#source = 'floor';
    const refuted = { code: 'boardClockRefuted', level: 'warning', saidMs, sinceMs } as const;
    return [noted(refuted), ...this.#learn('system', systemMs, nowMs)];
  }

  #gateway(wallMs: number, nowMs: number): Effects {
    if (!this.#isPlausible(wallMs)) {
      return [noted({ code: 'gatewayTimeRefused', level: 'warning', toldMs: wallMs })];
    }
    const boardDriftMs = Math.abs(this.wallMs(nowMs) - wallMs);
    const isFirst = this.#source !== 'gateway';
    const learnt = this.#learn('gateway', wallMs, nowMs);
    if (!isFirst && boardDriftMs < BOARD_DRIFT_MS) return learnt;
    return [...learnt, clockSet(wallMs), ...this.#keep(nowMs)];
  }

  #learn(source: TimeSource, wallMs: number, nowMs: number): Effects {
    const isBetter = RANK[source] > RANK[this.#source];
    this.#source = source;
    this.#anchor = { wallMs, atMs: nowMs };
    this.#timers.clear('look');
    const note = {
      code: 'timeLearnt',
      level: 'notice',
      source,
      toldMs: wallMs,
    } as const;
    return [
      ...(isBetter ? [noted(note), { type: 'timeLearnt', source } as const] : nothing),
      ...this.#correctSystem(source, wallMs),
    ];
  }

  /** OpenSSL goes by the machine's clock: it is put right when it is provably wrong, or a gateway says so. */
  #correctSystem(source: TimeSource, wallMs: number): Effects {
    const systemMs = this.#options.systemMs();
    const isProvablyWrong = systemMs < this.#floorMs && source !== 'floor';
    const isOff = source === 'gateway' && Math.abs(systemMs - wallMs) > SYSTEM_DRIFT_MS;
    return isProvablyWrong || isOff ? [{ type: 'setSystemClock', wallMs }] : nothing;
  }

  /** The floor rises only with what a gateway confirmed. */
  #keep(nowMs: number): Effects {
    if (this.#source !== 'gateway') return nothing;
    this.#timers.set('keep', nowMs + KEEP_EVERY_MS);
    const wallMs = Math.floor(this.wallMs(nowMs));
    this.#floorMs = Math.max(this.#floorMs, wallMs);
    return [{ type: 'keepTime', wallMs }];
  }
}

function clockSet(wallMs: number): TimeEffect {
  const unixSeconds = Math.round(wallMs / 1_000);
  return { type: 'boardCommand', command: { kind: 'clockSet', unixSeconds } };
}

function noted(note: IdentityNote): TimeEffect {
  return { type: 'noted', note };
}
