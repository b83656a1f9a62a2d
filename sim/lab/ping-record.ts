/**
 * What became of each echo of a `ping`, read from what it prints.
 *
 * `-D` stamps every answer with wall time, `-O` tells of each unanswered echo before the next goes out. A
 * traffic gap is the longest time between two consecutive answered echoes.
 */

/** Ten minutes at 10 ms: enough for every question asked about the past. */
const ANSWERS_MAX = 60_000;
/** `icmp_seq` is 16 bits. */
const SEQUENCE_SPAN = 65_536;

export interface PingTotals {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
}

export interface PingAnswer {
  readonly sequence: number;
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly rttMs: number;
}

/** The longest silence, and between which moments. */
export interface TrafficGap {
  readonly gapMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

export class PingRecord {
  readonly #wallToMonotonicMs: number;
  readonly #answers: PingAnswer[] = [];
  #received = 0;
  #highestSequence = 0;
  #firstSequence: number | undefined;
  #epochs = 0;

  /** `wallToMonotonicMs` is added to ping's stamps to get moments of the monotonic clock. */
  constructor(wallToMonotonicMs: number) {
    this.#wallToMonotonicMs = wallToMonotonicMs;
  }

  /** One line of ping's output; anything that is neither an answer nor a miss is passed over. */
  read(line: string): void {
    const answer = /^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=(\d+) .*time=([\d.]+) ms$/.exec(line);
    if (answer !== null) {
      const sequence = this.#unwrap(Number(answer[2]));
      const atMs = Number(answer[1]) * 1000 + this.#wallToMonotonicMs;
      this.#sawSequence(sequence);
      this.#received += 1;
      this.#answers.push({ sequence, atMs, rttMs: Number(answer[3]) });
      if (this.#answers.length > ANSWERS_MAX) this.#answers.shift();
      return;
    }
    const miss = /no answer yet for icmp_seq=(\d+)$/.exec(line);
    if (miss !== null) this.#sawSequence(this.#unwrap(Number(miss[1])));
  }

  totals(): PingTotals {
    const sent =
      this.#firstSequence === undefined ? 0 : this.#highestSequence - this.#firstSequence + 1;
    return { sent, received: this.#received, lost: sent - this.#received };
  }

  last(): PingAnswer | undefined {
    return this.#answers.at(-1);
  }

  /** The longest time without an answer that overlaps the span; undefined with fewer than two answers. */
  gap(fromMs: number, untilMs: number): TrafficGap | undefined {
    let longest: TrafficGap | undefined;
    for (const [i, after] of this.#answers.entries()) {
      const before = this.#answers[i - 1];
      if (before === undefined || after.atMs < fromMs || before.atMs > untilMs) continue;
      const gapMs = after.atMs - before.atMs;
      if (longest === undefined || gapMs > longest.gapMs)
        longest = { gapMs, fromMs: before.atMs, untilMs: after.atMs };
    }
    return longest;
  }

  /** Answers that came within the span. */
  answersBetween(fromMs: number, untilMs: number): readonly PingAnswer[] {
    return this.#answers.filter((answer) => answer.atMs >= fromMs && answer.atMs < untilMs);
  }

  #sawSequence(sequence: number): void {
    this.#firstSequence ??= sequence;
    this.#highestSequence = Math.max(this.#highestSequence, sequence);
  }

  /** Sequence numbers go round; one far below the highest has passed the end. */
  #unwrap(sequence: number): number {
    const candidate = this.#epochs * SEQUENCE_SPAN + sequence;
    if (candidate >= this.#highestSequence - SEQUENCE_SPAN / 2) return candidate;
    this.#epochs += 1;
    return candidate + SEQUENCE_SPAN;
  }
}
