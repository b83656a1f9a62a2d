/**
 * Bounds what a session says out of turn: changes of state and Finals.
 *
 * Each is an answer to one packet. On a path that doubles packets, or with a far end that answers in kind, answers
 * breed answers; RFC 5880 section 6.8.7 allows to limit them. What is held back is told by the next periodic
 * packet, so nothing but speed is lost.
 */
const WINDOW_MS = 1_000;
/** A session comes Up with four and answers at most one Poll per interval; this leaves room for 25 ms intervals. */
const PACKETS_MAX = 40;

export class BfdBurst {
  #windowFromMs = -Infinity;
  #said = 0;

  allows(nowMs: number): boolean {
    if (nowMs - this.#windowFromMs >= WINDOW_MS) {
      this.#windowFromMs = nowMs;
      this.#said = 0;
    }
    this.#said += 1;
    return this.#said <= PACKETS_MAX;
  }
}
