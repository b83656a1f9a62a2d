/**
 * Keeps a listener's view of the kernel true: the whole state first, then every change, and after an
 * overrun the whole state again.
 *
 * Changes that arrive while a dump runs are held and delivered after it; replaying one the dump already
 * contains leads to the same end. After an overrun everything from before the dump is worthless. Overruns
 * in quick succession are answered by one dump per gap, and until then changes still pass: a lost carrier
 * does not wait for the dump.
 */
import type { KernelDump, KernelDumpResult } from './operations.ts';
import type { KernelEvent } from './types.ts';

/** At most about one full dump a second, and a view that is whole again within a second of the burst. */
export const RESYNC_GAP_MS = 900;
/** Changes held while a dump runs; more than this is treated as one more overrun. */
const HELD_MAX = 65_536;

/** Nexthops before routes, so that a route's nexthop is known when the route is told. */
const VIEW: readonly KernelDump[] = [
  { dump: 'links' },
  { dump: 'addresses' },
  { dump: 'nexthops' },
  { dump: 'routes' },
  { dump: 'rules' },
];

export interface LiveViewPort {
  dump(what: KernelDump, done: (result: KernelDumpResult) => void): void;
  deliver(events: readonly KernelEvent[]): void;
  afterMs(delayMs: number, run: () => void): void;
}

type State =
  | { readonly name: 'silent' }
  | {
      readonly name: 'dumping';
      readonly after: 'listen' | 'overrun';
      readonly view: KernelEvent[];
      readonly held: KernelEvent[];
      torn: boolean;
    }
  | { readonly name: 'live' }
  /** A dump is due as soon as the gap is over. */
  | { readonly name: 'behind'; readonly after: 'listen' | 'overrun' };

export interface LiveViewCounters {
  readonly overruns: number;
  readonly resyncs: number;
  readonly failedDumps: number;
}

export class LiveView {
  readonly #port: LiveViewPort;
  readonly #dumps: readonly KernelDump[];
  readonly #counters = { overruns: 0, resyncs: 0, failedDumps: 0 };
  #state: State = { name: 'silent' };
  #resting = false;

  constructor(port: LiveViewPort, withNeighbours = false) {
    this.#port = port;
    this.#dumps = withNeighbours ? [...VIEW, { dump: 'neighbours' }] : VIEW;
  }

  get counters(): LiveViewCounters {
    return this.#counters;
  }

  /** Begins with the whole present state. */
  start(): void {
    if (this.#state.name === 'silent') this.#startDump('listen');
  }

  /** Delivers nothing from now on. */
  stop(): void {
    this.#state = { name: 'silent' };
  }

  /** Changes the kernel told, in order. */
  changed(events: readonly KernelEvent[]): void {
    const state = this.#state;
    if (state.name === 'dumping') {
      if (state.held.length + events.length > HELD_MAX) this.overrun();
      else for (const event of events) state.held.push(event);
    } else if (this.#isHeard(state) && events.length > 0) this.#port.deliver(events);
  }

  /** Changes were lost. */
  overrun(): void {
    const state = this.#state;
    if (state.name === 'silent') return;
    this.#counters.overruns += 1;
    if (state.name === 'dumping') {
      state.torn = true;
      state.held.length = 0;
    } else if (state.name === 'live') this.#becomeBehind('overrun');
  }

  /** Before the first view there is nothing a change could be understood against. */
  #isHeard(state: State): boolean {
    return state.name === 'live' || (state.name === 'behind' && state.after === 'overrun');
  }

  #becomeBehind(after: 'listen' | 'overrun'): void {
    this.#state = { name: 'behind', after };
    if (!this.#resting) this.#startDump(after);
  }

  #startDump(after: 'listen' | 'overrun'): void {
    const state: State = { name: 'dumping', after, view: [], held: [], torn: false };
    this.#state = state;
    this.#resting = true;
    this.#port.afterMs(RESYNC_GAP_MS, () => {
      this.#resting = false;
      if (this.#state.name === 'behind') this.#startDump(this.#state.after);
    });
    let left = this.#dumps.length;
    for (const what of this.#dumps) {
      this.#port.dump(what, (result) => {
        // Stopped, or started anew, in the meantime.
        if (this.#state !== state) return;
        left -= 1;
        if (result.ok) for (const object of result.objects) state.view.push(object);
        else {
          this.#counters.failedDumps += 1;
          state.torn = true;
        }
        if (left === 0) this.#dumped(state);
      });
    }
  }

  #dumped(state: Extract<State, { name: 'dumping' }>): void {
    if (state.torn) {
      this.#becomeBehind(state.after);
      return;
    }
    if (state.after === 'overrun') this.#counters.resyncs += 1;
    this.#state = { name: 'live' };
    const opening: readonly KernelEvent[] = state.after === 'overrun' ? [{ type: 'overrun' }] : [];
    this.#port.deliver([...opening, ...state.view]);
    if (state.held.length > 0) this.#port.deliver(state.held);
  }
}
