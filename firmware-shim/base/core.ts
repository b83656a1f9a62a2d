/**
 * The contract of everything that decides.
 *
 * A core hears events (past tense), is told the time, and answers with effects (imperative). It never
 * imports Node, a clock or a logger; there is no "timed out" event, because time is `tick`.
 * Whoever drives a core calls `handle` for each event, performs the returned effects in order, and calls
 * `tick` once `deadline().atMs` has come. All times are milliseconds of one monotonic clock.
 */
export interface Core<Event, Effect> {
  /** Something happened. Returns what is to be done about it, in order. */
  handle(event: Event, nowMs: number): readonly Effect[];
  /** Time has passed. Does whatever is due at `nowMs`; does nothing when called early. */
  tick(nowMs: number): readonly Effect[];
  /** When `tick` wants to be called next, and what for; undefined when the core waits for events only. */
  deadline(): Deadline | undefined;
}

/** A moment a core asked to be woken at. `why` names the timer, so a timer that fires always has a name. */
export interface Deadline {
  readonly atMs: number;
  readonly why: string;
}

/** The earlier of two deadlines; undefined counts as never. */
export function earlier(a: Deadline | undefined, b: Deadline | undefined): Deadline | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return b.atMs < a.atMs ? b : a;
}

/** Nothing to do: the shared empty answer of a core. */
export const nothing: readonly never[] = [];
