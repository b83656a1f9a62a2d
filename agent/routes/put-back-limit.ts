/**
 * Keeps a contest for our routes from becoming a storm: what somebody deletes is put back at once, unless they
 * do it so often that it must be on purpose; then once per window.
 */

/** More routes than this put back in a second means somebody deletes them on purpose. */
export const PUT_BACKS_MAX = 500;
const WINDOW_MS = 1_000;

export class PutBackLimit {
  #sinceMs = 0;
  #count = 0;

  /** When the routes that were taken may be put back; undefined means now. */
  waitUntilMs(taken: number, nowMs: number): number | undefined {
    if (nowMs - this.#sinceMs >= WINDOW_MS) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    this.#count += taken;
    return this.#count <= PUT_BACKS_MAX ? undefined : this.#sinceMs + WINDOW_MS;
  }
}
