/**
 * How long to wait before the next attempt, given how the last one ended.
 *
 * Ordinary failures back off with full jitter; a gateway that drops a whole fleet spreads its returns itself;
 * refusals that somebody has to clear are retried slowly once every gateway has given one; a taken-over
 * identity backs off by doubling, so that two devices with one identity cannot chase each other.
 */
import { Backoff } from '../../firmware-shim/base/backoff.ts';
import { type Random, uniformMs } from '../../firmware-shim/base/random.ts';
import type { ClosePace } from './close-reaction.ts';

/** Full jitter from 1 s to 120 s: two minutes after a gateway is back everybody has tried it. */
const ORDINARY = { floorMs: 100, baseMs: 1_000, ceilingMs: 120_000 };
/** A certificate or an area is put right by people: minutes are soon enough. */
const SLOW = { floorMs: 60_000, baseMs: 120_000, ceilingMs: 600_000 };
/** A gateway that says it is busy gets at least this much room. */
const CROWDED_FLOOR_MS = 5_000;
/** A longer spread than this would keep a branch without its gateway for no good reason. */
const SPREAD_MAX_MS = 600_000;
/** In parts of the spread: what a device waits that came before its gateway was back. */
const SPREAD_AGAIN = [0.5, 1.25] as const;
/** Silence is found by each device in its own time; little more spreading is needed. */
const SILENCE_SPREAD_MAX_MS = 5_000;
/**
 * Two devices with one identity disturb each other at most four times in five minutes. They take turns, each doubling
 * on its own: with a base b the fifth takeover comes after 6 b.
 */
const CLONE_BASE_MS = 50_000;
const CLONE_CEILING_MS = 3_600_000;
/** A takeover this long after the last one is a new story. */
const CLONE_FORGET_MS = 7_200_000;
/** Neither of two clones may win for ever by being in step. */
const CLONE_JITTER = 0.25;

export class RetryPace {
  readonly #random: Random;
  readonly #ordinary: Backoff;
  readonly #slow: Backoff;
  #spreadMs = 0;
  #refusalsInARow = 0;
  #failuresInARow = 0;
  /** A registration that had lasted was lost, most likely together with everybody else's. */
  #isReturning = false;
  #takeovers = 0;
  #lastTakeoverAtMs = Number.NEGATIVE_INFINITY;

  constructor(random: Random) {
    this.#random = random;
    this.#ordinary = new Backoff(ORDINARY, random);
    this.#slow = new Backoff(SLOW, random);
  }

  /** What the gateway asked returning devices to spread over, from its CONNACK. */
  hearSpread(text: string | undefined): void {
    const spreadMs = Number(text);
    if (text === undefined || !Number.isFinite(spreadMs) || spreadMs < 0) return;
    this.#spreadMs = Math.min(spreadMs, SPREAD_MAX_MS);
  }

  registered(): void {
    this.#isReturning = false;
    this.#failuresInARow = 0;
  }

  /** The registration has lasted: start small again. */
  stable(): void {
    this.#ordinary.reset();
    this.#slow.reset();
    this.#refusalsInARow = 0;
  }

  /**
   * An attempt failed for a reason that may pass by itself. In a fleet that returns, whoever has found no gateway of
   * the list waits about a spread again, and never less than half of one: drawn from nothing on, the waits of a fleet
   * that has been failing for a while end twice as densely just after the gateway is back as on the average.
   */
  #afterFailureMs(gatewayCount: number): number {
    this.#refusalsInARow = 0;
    this.#failuresInARow += 1;
    const delayMs = this.#ordinary.nextDelayMs();
    const foundNone = this.#failuresInARow % Math.max(1, gatewayCount) === 0;
    if (!this.#isReturning || !foundNone) return delayMs;
    const [least, most] = SPREAD_AGAIN;
    return Math.max(
      delayMs,
      uniformMs(this.#random, least * this.#spreadMs, most * this.#spreadMs),
    );
  }

  /** The wait that suits how an attempt or a registration ended. */
  afterEndingMs(
    pace: ClosePace,
    about: {
      readonly wasRegistered: boolean;
      readonly wasStable: boolean;
      readonly gatewayCount: number;
      readonly nowMs: number;
    },
  ): number {
    switch (pace) {
      case 'ordinary':
        return about.wasRegistered
          ? this.#afterLossMs(about.wasStable)
          : this.#afterFailureMs(about.gatewayCount);
      case 'slow':
        return this.#afterRefusalMs(about.gatewayCount);
      case 'crowded':
        return this.#afterCrowdMs();
      case 'clone':
        return this.#afterTakeoverMs(about.nowMs);
      case 'redirect':
        return uniformMs(this.#random, 0, Math.max(this.#spreadMs, ORDINARY.baseMs));
    }
  }

  /** What we published over one path went unheard: soon over another. */
  afterSilenceMs(): number {
    return uniformMs(this.#random, 0, Math.min(this.#spreadMs, SILENCE_SPREAD_MAX_MS));
  }

  /** A registration ended without our doing: probably everybody's did. One that never lasted backs off too. */
  #afterLossMs(wasStable: boolean): number {
    const spreadMs = uniformMs(this.#random, 0, this.#spreadMs);
    this.#isReturning ||= wasStable;
    return wasStable && this.#spreadMs > 0 ? spreadMs : spreadMs + this.#ordinary.nextDelayMs();
  }

  /** A gateway refused us; slow once each of `gatewayCount` has. */
  #afterRefusalMs(gatewayCount: number): number {
    this.#refusalsInARow += 1;
    return this.#refusalsInARow >= gatewayCount
      ? this.#slow.nextDelayMs()
      : this.#ordinary.nextDelayMs();
  }

  #afterCrowdMs(): number {
    const roomMs = Math.max(this.#spreadMs, CROWDED_FLOOR_MS);
    return CROWDED_FLOOR_MS + uniformMs(this.#random, 0, roomMs) + this.#ordinary.nextDelayMs();
  }

  #afterTakeoverMs(nowMs: number): number {
    if (nowMs - this.#lastTakeoverAtMs > CLONE_FORGET_MS) this.#takeovers = 0;
    this.#lastTakeoverAtMs = nowMs;
    const baseMs = Math.min(CLONE_CEILING_MS, CLONE_BASE_MS * 2 ** this.#takeovers);
    this.#takeovers = Math.min(this.#takeovers + 1, 30);
    return Math.min(CLONE_CEILING_MS, baseMs * (1 + CLONE_JITTER * this.#random.next()));
  }

  /** A path came back while we were waiting: soon, but not all branches of a street at once. */
  afterPathReturnedMs(): number {
    return uniformMs(this.#random, 0, ORDINARY.baseMs);
  }
}
