/**
 * How many of the far end's liveness packets get lost, told from the gaps between those that arrive.
 *
 * BFD numbers nothing, but spacing tells: a far end leaves 75 to 100 per cent of the interval between two packets,
 * so a gap that is longer holds lost ones, and how long it is says how many. A packet that came late is not a lost
 * one: those behind it are punctual, so their gap is too short by what the first was too long, and takes it back.
 */
const MEAN_GAP = 0.875;
/** Longer than any punctual gap with the lateness of two machines, shorter than the shortest with one packet lost. */
const GAP_WITH_LOSS = 1.25;
/** Shorter than any a far end leaves: the packet before was late, or this one waited in our own socket. */
const GAP_AFTER_LATE = 0.7;
/** Eight buckets of 250 packets: ten minutes at 300 ms, long enough to see one in a thousand. */
const BUCKETS = 8;
const BUCKET_PACKETS = 250;
/** Fewer expected packets than this say nothing about a ratio. */
const EXPECTED_MIN = 100;

interface Bucket {
  expected: number;
  lost: number;
  /** The most packets lost in a row. */
  longestRun: number;
}

/** The newest gap with losses, until a punctual packet has confirmed it. */
interface DoubtfulRun {
  readonly bucket: Bucket;
  readonly longestBefore: number;
  lost: number;
}

export interface MeasuredLoss {
  readonly ratio: number;
  readonly longestRun: number;
  readonly expected: number;
}

export class LivenessLoss {
  readonly #buckets: Bucket[] = [];
  #heardAtMs: number | undefined;
  #intervalMs = 0;
  #doubtful: DoubtfulRun | undefined;

  /** A packet came while the session was Up. */
  heard(intervalMs: number, nowMs: number): void {
    const gapMs = this.#heardAtMs === undefined ? 0 : nowMs - this.#heardAtMs;
    this.#heardAtMs = nowMs;
    // The packet that tells of a shorter interval was itself still sent after the longer one.
    const inForceMs = Math.max(intervalMs, this.#intervalMs);
    this.#intervalMs = intervalMs;
    const lost =
      gapMs > GAP_WITH_LOSS * inForceMs ? Math.round(gapMs / (MEAN_GAP * inForceMs)) - 1 : 0;
    this.#count(Math.max(0, lost), gapMs < GAP_AFTER_LATE * inForceMs);
  }

  /** The far end stopped, or the gap to the next packet has a cause that is known: it says nothing. */
  interrupted(): void {
    this.#heardAtMs = undefined;
    this.#doubtful = undefined;
  }

  /** We slept: what came meanwhile was heard late and says nothing, and neither does the gap to the next packet. */
  wokeLate(lateMs: number, nowMs: number): void {
    const endedWhileAsleep = this.#heardAtMs !== undefined && nowMs - this.#heardAtMs <= lateMs;
    while (endedWhileAsleep && this.#doubtful !== undefined) this.#takeOneBack(this.#doubtful);
    this.interrupted();
  }

  measured(): MeasuredLoss | undefined {
    const sum = { expected: 0, lost: 0, longestRun: 0 };
    for (const bucket of this.#buckets) {
      sum.expected += bucket.expected;
      sum.lost += bucket.lost;
      sum.longestRun = Math.max(sum.longestRun, bucket.longestRun);
    }
    const { expected, lost, longestRun } = sum;
    if (expected < EXPECTED_MIN) return undefined;
    return { ratio: lost / expected, longestRun, expected };
  }

  #count(lost: number, isEarly: boolean): void {
    if (isEarly && this.#doubtful !== undefined) this.#takeOneBack(this.#doubtful);
    else if (lost === 0) this.#doubtful = undefined;
    let last = this.#buckets.at(-1);
    if (last === undefined || last.expected >= BUCKET_PACKETS) {
      last = { expected: 0, lost: 0, longestRun: 0 };
      this.#buckets.push(last);
      if (this.#buckets.length > BUCKETS) this.#buckets.shift();
    }
    if (lost > 0) this.#doubtful = { bucket: last, longestBefore: last.longestRun, lost };
    last.expected += 1 + lost;
    last.lost += lost;
    last.longestRun = Math.max(last.longestRun, lost);
  }

  #takeOneBack(run: DoubtfulRun): void {
    run.lost -= 1;
    run.bucket.lost -= 1;
    run.bucket.expected -= 1;
    run.bucket.longestRun = Math.max(run.longestBefore, run.lost);
    if (run.lost === 0) this.#doubtful = undefined;
  }
}
