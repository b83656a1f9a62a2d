/**
 * One direction of an impaired path: decides for each packet when it leaves, or why it never does.
 *
 * Time is an argument and chance is seeded, so that a run is a number. Packets keep their order unless reordering is
 * asked for: one that drew a short delay waits for the one before it, as on a single line. Losses come alone
 * (Bernoulli) or in company (Gilbert-Elliott: a good and a bad state, each packet drawing whether it changes).
 */
import type { Random } from '../../../firmware-shim/base/random.ts';

export type LossModel =
  | { readonly kind: 'none' }
  | { readonly kind: 'single'; readonly lossPercent: number }
  | {
      readonly kind: 'bursts';
      /** From the good state, which loses nothing, to the bad one; each per packet. */
      readonly enterPercent: number;
      readonly leavePercent: number;
      /** In the bad state. */
      readonly lossPercent: number;
    };

export interface Impairment {
  readonly delayMs: number;
  /** Added to the delay, uniform from nothing to this. */
  readonly jitterMs: number;
  /** Whether a packet may overtake another. */
  readonly reorders: boolean;
  readonly loss: LossModel;
  /** Absent: as fast as it comes. */
  readonly rate?: { readonly kbitPerS: number; readonly queueBytes: number };
  /** Nothing leaves, and nobody is told. */
  readonly isBlocked: boolean;
  /** Larger IP packets vanish silently; absent: none does. */
  readonly mtuBytes?: number;
}

export const UNIMPAIRED: Impairment = {
  delayMs: 0,
  jitterMs: 0,
  reorders: false,
  loss: { kind: 'none' },
  isBlocked: false,
};

export type DropReason = 'blocked' | 'too-big' | 'loss' | 'queue-full';
export type Passage =
  | { readonly passes: true; readonly atMs: number }
  | { readonly passes: false; readonly why: DropReason };

export interface PassageCounts {
  readonly passed: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

export class ImpairedDirection {
  readonly #random: Random;
  #impairment: Impairment;
  #isBad = false;
  /** When the line has sent all it has taken. */
  #lineFreeAtMs = 0;
  #lastLeftAtMs = 0;
  #passed = 0;
  readonly #dropped: Record<DropReason, number> = {
    blocked: 0,
    'too-big': 0,
    loss: 0,
    'queue-full': 0,
  };

  constructor(random: Random, impairment: Impairment = UNIMPAIRED) {
    this.#random = random;
    this.#impairment = impairment;
  }

  get counts(): PassageCounts {
    return { passed: this.#passed, dropped: { ...this.#dropped } };
  }

  /** For packets from now on; those on their way arrive as they would have. */
  change(impairment: Impairment): void {
    this.#impairment = impairment;
    if (impairment.loss.kind !== 'bursts') this.#isBad = false;
  }

  offer(bytes: number, nowMs: number): Passage {
    const { isBlocked, mtuBytes, delayMs, jitterMs, reorders } = this.#impairment;
    // Both draws are made for every packet, so that one condition does not shift the chances of another.
    const isLost = this.#isLost();
    const travelMs = delayMs + this.#random.next() * jitterMs;
    if (isBlocked) return this.#drop('blocked');
    if (mtuBytes !== undefined && bytes > mtuBytes) return this.#drop('too-big');
    if (isLost) return this.#drop('loss');
    const sentAtMs = this.#takeLine(bytes, nowMs);
    if (sentAtMs === undefined) return this.#drop('queue-full');
    const atMs = reorders ? sentAtMs + travelMs : Math.max(this.#lastLeftAtMs, sentAtMs + travelMs);
    this.#lastLeftAtMs = Math.max(this.#lastLeftAtMs, atMs);
    this.#passed += 1;
    return { passes: true, atMs };
  }

  #isLost(): boolean {
    const { loss } = this.#impairment;
    const drawn = this.#random.next() * 100;
    if (loss.kind === 'none') return false;
    if (loss.kind === 'single') return drawn < loss.lossPercent;
    const turns = this.#random.next() * 100 < (this.#isBad ? loss.leavePercent : loss.enterPercent);
    if (turns) this.#isBad = !this.#isBad;
    return this.#isBad && drawn < loss.lossPercent;
  }

  /** When its last bit is on the line; undefined when what waits already fills the queue. */
  #takeLine(bytes: number, nowMs: number): number | undefined {
    const { rate } = this.#impairment;
    if (rate === undefined) return nowMs;
    const startMs = Math.max(nowMs, this.#lineFreeAtMs);
    const waitingBytes = ((startMs - nowMs) * rate.kbitPerS) / BITS_PER_BYTE;
    if (waitingBytes + bytes > rate.queueBytes) return undefined;
    this.#lineFreeAtMs = startMs + (bytes * BITS_PER_BYTE) / rate.kbitPerS;
    return this.#lineFreeAtMs;
  }

  #drop(why: DropReason): Passage {
    this.#dropped[why] += 1;
    return { passes: false, why };
  }
}

/** One kilobit a second is one bit a millisecond. */
const BITS_PER_BYTE = 8;

/** Every value that is not that of an unimpaired path, for the record of a run. */
export function impairmentWords(impairment: Impairment): string {
  const { delayMs, jitterMs, reorders, loss, rate, isBlocked, mtuBytes } = impairment;
  const words = [
    ...(isBlocked ? ['blocked'] : []),
    ...(delayMs > 0 ? [`delay ${delayMs} ms`] : []),
    ...(jitterMs > 0 ? [`jitter ${jitterMs} ms${reorders ? ', reordering' : ''}`] : []),
    ...(loss.kind === 'single' ? [`loss ${loss.lossPercent} %`] : []),
    ...(loss.kind === 'bursts'
      ? [`bursts ${loss.enterPercent}/${loss.leavePercent} % of ${loss.lossPercent} % loss`]
      : []),
    ...(rate === undefined ? [] : [`${rate.kbitPerS} kbit/s, queue ${rate.queueBytes} bytes`]),
    ...(mtuBytes === undefined ? [] : [`MTU ${mtuBytes}`]),
  ];
  return words.length === 0 ? 'clean' : words.join(', ');
}
