/**
 * What the probes of one path tell about it: loss each way, round trip, jitter, over a sliding window.
 *
 * A probe is lost when no answer came within the timeout; it counts as loss and is part of no round trip. Where
 * it was lost follows from the two counts: between two answered probes the reflector's count has grown by what
 * arrived there.
 */
import type { PathQualityFigures, Percentiles } from '../../model/quality.ts';

/** Later than this an answer is no use to anybody who waited for it. */
export const PROBE_TIMEOUT_MS = 1_000;
/** Ten minutes of slow probes or one of fast ones; the memory of one path stays below 60 kB. */
export const PROBES_KEPT = 600;
/** RFC 3550 section 6.4.1: "the gain parameter 1/16 gives a good noise reduction ratio". */
const JITTER_GAIN = 1 / 16;

interface Probe {
  readonly sequence: number;
  readonly sentAtMs: number;
  answer?: {
    readonly reflected: number;
    readonly rttMs: number | undefined;
    readonly heardAtMs: number;
    /** The jitter as it was before this answer. */
    readonly jitterBefore: JitterBothWays;
  };
}

export interface ProbeAnswer {
  readonly sequence: number;
  /** The reflector's own count. */
  readonly reflected: number;
  /** Undefined when our own lateness spoilt it. */
  readonly rttMs: number | undefined;
  /** Transit in each direction, with the unknown difference of the two clocks in it. */
  readonly transitUpMs: number;
  readonly transitDownMs: number;
}

/** RFC 3550 section 6.4.1: J += (|D(i-1,i)| - J) / 16. Undefined before the first and the second answer. */
interface Jitter {
  readonly transitMs: number | undefined;
  readonly jitterMs: number | undefined;
}

interface JitterBothWays {
  readonly up: Jitter;
  readonly down: Jitter;
}

const NO_TRANSIT: Jitter = { transitMs: undefined, jitterMs: undefined };
const NO_JITTER: JitterBothWays = { up: NO_TRANSIT, down: NO_TRANSIT };

export class PathQuality {
  readonly #probes = new Map<number, Probe>();
  #jitter = NO_JITTER;

  sent(sequence: number, nowMs: number): void {
    this.#probes.set(sequence, { sequence, sentAtMs: nowMs });
    const [oldest] = this.#probes.keys();
    if (this.#probes.size > PROBES_KEPT && oldest !== undefined) this.#probes.delete(oldest);
  }

  /** False when nobody waits for it: a duplicate, one that came too late, or one that was never sent. */
  answered(answer: ProbeAnswer, nowMs: number): boolean {
    const probe = this.#probes.get(answer.sequence);
    if (probe === undefined || probe.answer !== undefined) return false;
    if (nowMs - probe.sentAtMs > PROBE_TIMEOUT_MS) return false;
    const { reflected, rttMs, transitUpMs, transitDownMs } = answer;
    probe.answer = { reflected, rttMs, heardAtMs: nowMs, jitterBefore: this.#jitter };
    if (rttMs !== undefined) {
      const { up, down } = this.#jitter;
      this.#jitter = { up: sampled(up, transitUpMs), down: sampled(down, transitDownMs) };
    }
    return true;
  }

  /** What was heard since then had waited for us: it arrived, and says nothing of time, nor of how time varies. */
  spoil(sinceMs: number): void {
    let firstAtMs = Infinity;
    for (const probe of this.#probes.values()) {
      const { answer } = probe;
      if (answer === undefined || answer.heardAtMs < sinceMs) continue;
      // Of answers heard together the first to be heard is the first to be met, unless they overtook each other.
      if (answer.heardAtMs < firstAtMs) this.#jitter = answer.jitterBefore;
      firstAtMs = Math.min(firstAtMs, answer.heardAtMs);
      probe.answer = { ...answer, rttMs: undefined };
    }
  }

  /** The path was away: what was before says nothing of what comes. */
  restart(): void {
    this.#probes.clear();
    this.#jitter = NO_JITTER;
  }

  figures(windowMs: number, nowMs: number): PathQualityFigures {
    const known = [...this.#probes.values()].filter(
      ({ sentAtMs, answer }) =>
        sentAtMs > nowMs - windowMs &&
        (answer !== undefined || nowMs - sentAtMs > PROBE_TIMEOUT_MS),
    );
    const { lostUp, lostDown, lostUnknown } = losses(known);
    const rtts = known.flatMap(({ answer }) => answer?.rttMs ?? []).sort((a, b) => a - b);
    const samples = known.length;
    const arrivedThere = samples - lostUnknown - lostUp;
    const jitterUpMs = this.#jitter.up.jitterMs;
    const jitterDownMs = this.#jitter.down.jitterMs;
    return {
      samples,
      windowMs,
      lossPercent: percent(lostUp + lostDown + lostUnknown, samples),
      lostUp,
      lostDown,
      lostUnknown,
      lossUpPercent: percent(lostUp, samples - lostUnknown),
      lossDownPercent: percent(lostDown, arrivedThere),
      rttSamples: rtts.length,
      ...(rtts.length === 0 ? {} : { rtt: percentilesOf(rtts) }),
      ...(jitterUpMs === undefined ? {} : { jitterUpMs }),
      ...(jitterDownMs === undefined ? {} : { jitterDownMs }),
    };
  }
}

function sampled({ transitMs: beforeMs, jitterMs }: Jitter, transitMs: number): Jitter {
  if (beforeMs === undefined) return { transitMs, jitterMs };
  const soFarMs = jitterMs ?? 0;
  const differenceMs = Math.abs(transitMs - beforeMs);
  return { transitMs, jitterMs: soFarMs + (differenceMs - soFarMs) * JITTER_GAIN };
}

/** Between two answered probes: how many were sent, and how many of those the reflector counted. */
function losses(probes: readonly Probe[]): {
  readonly lostUp: number;
  readonly lostDown: number;
  readonly lostUnknown: number;
} {
  let lostUp = 0;
  let lostDown = 0;
  let open = 0;
  let unknown = 0;
  let before: number | undefined;
  for (const { answer } of probes) {
    if (answer === undefined) {
      open += 1;
      continue;
    }
    const arrived = before === undefined ? -1 : ((answer.reflected - before) >>> 0) - 1;
    // A reflector that restarted, or answers that overtook each other, tell nothing about the direction.
    if (arrived < 0 || arrived > open) unknown += open;
    else {
      lostDown += arrived;
      lostUp += open - arrived;
    }
    open = 0;
    before = answer.reflected;
  }
  return { lostUp, lostDown, lostUnknown: unknown + open };
}

function percent(part: number, whole: number): number {
  return whole <= 0 ? 0 : (part / whole) * 100;
}

function percentilesOf(sortedMs: readonly number[]): Percentiles {
  // Nearest rank: a value that was really measured.
  const at = (share: number): number =>
    sortedMs[Math.min(sortedMs.length, Math.max(1, Math.ceil(share * sortedMs.length))) - 1] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
}
