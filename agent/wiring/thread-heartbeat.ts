/**
 * Whether the other thread still lives: the control thread asks once a second, the fast path answers at once.
 *
 * Each draws its own conclusion. A fast path that answers nothing guards nothing, so the process ends and is started
 * anew while tunnels and routes stay. A control thread that asks nothing costs the fast path nothing: it acts on the
 * last plan and tells afterwards for how long it did.
 */
export const BEAT_MS = 1_000;
/** A plan of fifty thousand prefixes is worked off in a second; nothing takes ten of them. */
export const UNANSWERED_MAX = 10;
/** Three beats: one may be late behind a large document. */
export const SILENT_MS = 3_000;

/** The control thread's side. Counts questions and not time: whoever was asleep has asked nothing meanwhile. */
export class BeatBook {
  #unanswered = 0;

  /** A question goes out; false when too many before it were left unanswered. */
  asked(): boolean {
    this.#unanswered += 1;
    return this.#unanswered <= UNANSWERED_MAX;
  }

  answered(): void {
    this.#unanswered = 0;
  }
}

/** The fast path's side. */
export class ControlPulse {
  #heardAtMs: number | undefined;

  /** A question came; returns how long there was none, if that was too long. */
  heard(nowMs: number): number | undefined {
    const silentForMs = this.#heardAtMs === undefined ? 0 : nowMs - this.#heardAtMs;
    this.#heardAtMs = nowMs;
    return silentForMs >= SILENT_MS ? silentForMs : undefined;
  }
}
