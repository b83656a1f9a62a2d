/**
 * Finds the largest inner packet that a tunnel really carries, both ways, and keeps the device's MTU at it.
 *
 * Full-size STAMP packets are answered by packets of the same size, so an answer proves that user packets of
 * that size pass in both directions, whatever the outer path does to reach that. The device's own MTU bounds
 * what can be sent: a lowered one has to be raised for the length of a trial before anything larger can be
 * asked for, and stays raised only after three answers in a row.
 */
import { type Core, type Deadline, nothing } from '../../../firmware-shim/base/core.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import { roundSizes } from './mtu-ladder.ts';
import { decodeStampReply, encodeStampRequest, PADDED_BYTES_MIN } from './stamp-packet.ts';
import { STAMP_ERROR_ESTIMATE, stampTime } from './stamp-time.ts';

export type MtuEvent =
  /** The tunnel is Up and its device has this MTU now. */
  | { readonly type: 'enabled'; readonly deviceMtu: number }
  | { readonly type: 'disabled' }
  | { readonly type: 'packetArrived'; readonly bytes: Uint8Array }
  /** The other end asked for a size of its own, with a packet of so many bytes. */
  | { readonly type: 'farEndAsked'; readonly bytes: number };

export type MtuEffect =
  | { readonly type: 'sendStamp'; readonly bytes: Uint8Array }
  | { readonly type: 'setDeviceMtu'; readonly mtu: number }
  /** From now on this size is known to pass; `lowered` says that a hole was found. */
  | { readonly type: 'pathMtuFound'; readonly mtu: number; readonly lowered: boolean };

export interface MtuSearchOptions {
  /** RFC 8972 session identifier, different for the two ends of a tunnel. */
  readonly session: number;
  readonly family: 'ipv4' | 'ipv6';
  /** The MTU the tunnel was planned with. */
  readonly ceiling: number;
  /** How often a size that passed is asked for again. */
  readonly recheckMs: number;
}

/** IP and UDP headers around the payload. */
const HEADER_BYTES = { ipv4: 28, ipv6: 48 } as const;
/** Every IPv4 host takes 576 bytes (RFC 791); every IPv6 link carries 1,280 (RFC 8200 section 5). */
const FLOOR = { ipv4: 576, ipv6: 1_280 } as const;
/** Tries at one size; a single loss says nothing about size. */
const TRIES = 3;
const TRY_MS = 30;
/** How long the last try is waited for: beyond any round trip worth having. */
const ANSWER_MS = 500;
/** A hole is found to within this; the MTU chosen lies below it. */
const PRECISION = 4;
/** A trial raises the MTU under live traffic, so a hole that stays is tried ever more rarely. */
const RAISE_MS = { first: 600_000, max: 3_600_000 } as const;
/** What the far end asks for is looked into at most this often: its search is a burst, and it may be planned smaller. */
const HINT_GAP_MS = 10_000;
/** Nothing was answered at any size: the far end reflects nothing, or the path is just away. */
const INCONCLUSIVE_MS = { first: 10_000, max: 600_000 } as const;

type State =
  | { readonly name: 'off' }
  | { readonly name: 'resting' }
  | { readonly name: 'confirming' }
  | { readonly name: 'searching'; readonly low: number | undefined; readonly high: number }
  | { readonly name: 'trying'; readonly from: number; readonly answered: number };

export class MtuSearch implements Core<MtuEvent, MtuEffect> {
  readonly #options: MtuSearchOptions;
  readonly #timers = new Timers<'step' | 'recheck' | 'raise'>();
  #state: State = { name: 'off' };
  /** Size of each probe under way, by sequence. */
  readonly #underWay = new Map<number, number>();
  #answered = new Set<number>();
  #sizes: readonly number[] = [];
  #triesLeft = 0;
  #sequence = 0;
  #mtu: number;
  #known = false;
  #raiseMs: number = RAISE_MS.first;
  /** When the ceiling is tried again; waits while something else is under way. */
  #raiseAtMs: number | undefined;
  #inconclusiveMs: number = INCONCLUSIVE_MS.first;
  #hintedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: MtuSearchOptions) {
    this.#options = options;
    this.#mtu = options.ceiling;
  }

  handle(event: MtuEvent, nowMs: number): readonly MtuEffect[] {
    switch (event.type) {
      case 'enabled':
        if (this.#state.name !== 'off') return nothing;
        this.#mtu = Math.min(this.#options.ceiling, event.deviceMtu);
        return this.#confirm(nowMs);
      case 'disabled':
        return this.#disable();
      case 'packetArrived':
        return this.#hear(event.bytes, nowMs);
      case 'farEndAsked':
        return this.#onHint(event.bytes + HEADER_BYTES[this.#options.family], nowMs);
    }
  }

  tick(nowMs: number): readonly MtuEffect[] {
    if (this.#timers.take('step', nowMs)) {
      return this.#triesLeft > 0 ? this.#try(nowMs) : this.#conclude(nowMs);
    }
    if (this.#state.name !== 'resting') return nothing;
    if (this.#timers.take('raise', nowMs)) return this.#tryCeiling(nowMs);
    return this.#timers.take('recheck', nowMs) ? this.#confirm(nowMs) : nothing;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  snapshot() {
    return { mtu: this.#mtu, known: this.#known, ceiling: this.#options.ceiling };
  }

  #disable(): readonly MtuEffect[] {
    const raised = this.#state.name === 'trying';
    this.#timers.clearAll();
    this.#underWay.clear();
    this.#raiseAtMs = undefined;
    this.#state = { name: 'off' };
    return raised ? [{ type: 'setDeviceMtu', mtu: this.#mtu }] : nothing;
  }

  /** It asks for less than we believe in: what it has found out may be so for us as well. */
  #onHint(size: number, nowMs: number): readonly MtuEffect[] {
    const isNews = size < this.#mtu && nowMs - this.#hintedAtMs >= HINT_GAP_MS;
    if (this.#state.name !== 'resting' || !isNews) return nothing;
    this.#hintedAtMs = nowMs;
    return this.#confirm(nowMs);
  }

  #confirm(nowMs: number): readonly MtuEffect[] {
    this.#state = { name: 'confirming' };
    return this.#ask([this.#mtu], nowMs);
  }

  #tryCeiling(nowMs: number): readonly MtuEffect[] {
    const { ceiling } = this.#options;
    this.#state = { name: 'trying', from: this.#mtu, answered: 0 };
    this.#raiseAtMs = undefined;
    return [{ type: 'setDeviceMtu', mtu: ceiling }, ...this.#ask([ceiling], nowMs)];
  }

  /** Starts a round: each size is sent several times, a little apart. */
  #ask(sizes: readonly number[], nowMs: number): readonly MtuEffect[] {
    this.#timers.clearAll();
    this.#sizes = sizes;
    this.#answered = new Set();
    this.#underWay.clear();
    this.#triesLeft = TRIES;
    return this.#try(nowMs);
  }

  #try(nowMs: number): readonly MtuEffect[] {
    this.#triesLeft -= 1;
    this.#timers.set('step', nowMs + (this.#triesLeft > 0 ? TRY_MS : ANSWER_MS));
    return this.#sizes
      .filter((size) => this.#state.name === 'trying' || !this.#answered.has(size))
      .map((size) => ({ type: 'sendStamp', bytes: this.#probe(size, nowMs) }));
  }

  #probe(size: number, nowMs: number): Uint8Array {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) >>> 0;
    this.#underWay.set(sequence, size);
    return encodeStampRequest({
      sequence,
      sent: stampTime(nowMs),
      errorEstimate: STAMP_ERROR_ESTIMATE,
      session: this.#options.session,
      length: Math.max(PADDED_BYTES_MIN, size - HEADER_BYTES[this.#options.family]),
    });
  }

  #hear(bytes: Uint8Array, nowMs: number): readonly MtuEffect[] {
    const decoded = decodeStampReply(bytes, this.#options.session);
    if (!decoded.ok) return nothing;
    const { sequence } = decoded.packet.request;
    const size = this.#underWay.get(sequence);
    // Only an answer of the same size proves the way back.
    if (size === undefined || size !== bytes.byteLength + HEADER_BYTES[this.#options.family]) {
      return nothing;
    }
    this.#underWay.delete(sequence);
    this.#answered.add(size);
    if (this.#state.name === 'trying') return this.#hearTrial(this.#state, nowMs);
    if (this.#state.name === 'resting' || size !== this.#mtu) return nothing;
    return this.#settle(this.#mtu, nowMs);
  }

  #hearTrial(
    { from, answered }: Extract<State, { readonly name: 'trying' }>,
    nowMs: number,
  ): readonly MtuEffect[] {
    if (answered + 1 >= TRIES) {
      this.#raiseMs = RAISE_MS.first;
      return this.#settle(this.#options.ceiling, nowMs);
    }
    this.#state = { name: 'trying', from, answered: answered + 1 };
    return nothing;
  }

  /** The time for answers is over. */
  #conclude(nowMs: number): readonly MtuEffect[] {
    const state = this.#state;
    switch (state.name) {
      case 'off':
      case 'resting':
        return nothing;
      case 'trying':
        this.#raiseMs = Math.min(RAISE_MS.max, this.#raiseMs * 2);
        return [{ type: 'setDeviceMtu', mtu: state.from }, ...this.#settle(state.from, nowMs)];
      case 'confirming':
        return this.#search(undefined, this.#mtu, nowMs);
      case 'searching': {
        const passed = this.#sizes.filter((size) => this.#answered.has(size));
        const low = Math.max(state.low ?? 0, ...passed);
        if (low === 0) return this.#giveUp(nowMs);
        const high = Math.min(state.high, ...this.#sizes.filter((size) => size > low));
        if (high - low > PRECISION) return this.#search(low, high, nowMs);
        return [{ type: 'setDeviceMtu', mtu: low }, ...this.#settle(low, nowMs)];
      }
    }
  }

  /** The present MTU is asked for in every round again: only if it never passes is there a hole. */
  #search(low: number | undefined, high: number, nowMs: number): readonly MtuEffect[] {
    this.#state = { name: 'searching', low, high };
    const floor = Math.min(FLOOR[this.#options.family], this.#mtu);
    return this.#ask([...roundSizes(low, floor, high), this.#mtu], nowMs);
  }

  #giveUp(nowMs: number): readonly MtuEffect[] {
    this.#rest(nowMs + this.#inconclusiveMs);
    this.#inconclusiveMs = Math.min(INCONCLUSIVE_MS.max, this.#inconclusiveMs * 2);
    return nothing;
  }

  #settle(mtu: number, nowMs: number): readonly MtuEffect[] {
    const changed = !this.#known || mtu !== this.#mtu;
    const lowered = mtu < this.#mtu || mtu < this.#options.ceiling;
    this.#mtu = mtu;
    this.#known = true;
    this.#inconclusiveMs = INCONCLUSIVE_MS.first;
    const isFull = mtu >= this.#options.ceiling;
    this.#raiseAtMs = isFull ? undefined : (this.#raiseAtMs ?? nowMs + this.#raiseMs);
    this.#rest(nowMs + this.#options.recheckMs);
    return changed ? [{ type: 'pathMtuFound', mtu, lowered }] : nothing;
  }

  #rest(recheckAtMs: number): void {
    this.#state = { name: 'resting' };
    this.#underWay.clear();
    this.#timers.clear('step');
    this.#timers.set('recheck', recheckAtMs);
    if (this.#raiseAtMs !== undefined) this.#timers.set('raise', this.#raiseAtMs);
  }
}
