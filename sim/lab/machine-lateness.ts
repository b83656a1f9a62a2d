/**
 * How late this machine wakes a process that asked for a moment: the yard for every bound of the demo.
 *
 * A gap of 120 ms means something on an idle machine and nothing on one that leaves processes waiting for
 * 60 ms. What is measured here is allowed for, and reported.
 */
const PROBE_EVERY_MS = 5;
/** Wake-ups less late than this are ordinary. */
const NOTABLE_MS = 2;
/** Minutes of a machine that is always late. */
const SAMPLES_MAX = 20_000;

interface Sample {
  readonly atMs: number;
  readonly lateMs: number;
}

export class MachineLateness {
  readonly #nowMs: () => number;
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  #lastMs: number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#lastMs = nowMs();
    this.#timer = setInterval(() => this.#wake(), PROBE_EVERY_MS);
    this.#timer.unref();
  }

  /** The latest wake-up within the span, in milliseconds; 0 when none was notable. */
  worstMs(fromMs: number, untilMs: number): number {
    const within = this.#samples.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
    return Math.max(0, ...within.map(({ lateMs }) => lateMs));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #wake(): void {
    const atMs = this.#nowMs();
    const lateMs = atMs - this.#lastMs - PROBE_EVERY_MS;
    this.#lastMs = atMs;
    if (lateMs < NOTABLE_MS) return;
    this.#samples.push({ atMs, lateMs });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }
}
