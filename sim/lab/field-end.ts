/**
 * Our own end of a session field: the shipped fast path on its own thread, and what it told.
 */
import {
  type FastPathThread,
  startFastPath,
} from '../../agent/adapters/fast-path/fast-path-worker.ts';
import { DEFAULT_POLICY, type FastPathFact } from '../../agent/model/fast-path.ts';
import type { FastPathSnapshot } from '../../agent/model/snapshot.ts';
import type { TunnelPlan } from '../../agent/model/tunnel.ts';

const TABLE_MAIN = 254;

/** A session's state as the fast path told it, with the moment of its move and of our hearing it. */
export interface ToldMove {
  readonly tunnel: string;
  readonly to: string;
  readonly because: string;
  readonly atMs: number;
}

export class FieldEnd {
  readonly moves: ToldMove[] = [];
  readonly states = new Map<string, string>();
  scheduling = '';
  /** Late wake-ups of the thread, in milliseconds. */
  readonly lateMs: number[] = [];
  readonly #thread: FastPathThread;
  readonly #snapshots = new Map<number, (snapshot: FastPathSnapshot) => void>();
  #revision = 0;
  #requestId = 0;
  #waiting: (() => void)[] = [];

  constructor(netnsPath: string, realtime = true) {
    this.#thread = startFastPath({ netnsPath, realtime, onFact: (fact) => this.#hear(fact) });
  }

  /** The role of a hub: liveness alone, without the quality probes that only a branch sends. */
  plan(tunnels: readonly TunnelPlan[]): void {
    this.#revision += 1;
    this.#thread.order({
      type: 'planReceived',
      plan: {
        revision: this.#revision,
        role: 'hub',
        uplinks: [],
        tunnels,
        prefixes: [],
        table: TABLE_MAIN,
        policy: DEFAULT_POLICY,
      },
    });
  }

  get upCount(): number {
    return [...this.states.values()].filter((state) => state === 'up').length;
  }

  /** Losses of a session that was Up, from move number `since` on. */
  downsSince(since: number): readonly ToldMove[] {
    return this.moves.slice(since).filter(({ to }) => to === 'down');
  }

  async untilUp(count: number): Promise<void> {
    await this.until(() => this.upCount >= count);
  }

  /** Looks again after each fact; bounded by whoever waits for it. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  async snapshot(): Promise<FastPathSnapshot> {
    this.#requestId += 1;
    const requestId = this.#requestId;
    return new Promise((resolve) => {
      this.#snapshots.set(requestId, resolve);
      this.#thread.order({ type: 'snapshotRequested', requestId });
    });
  }

  async close(): Promise<void> {
    await this.#thread.stop();
  }

  #hear(fact: FastPathFact): void {
    if (fact.type === 'fastPathReady') this.scheduling = fact.scheduling;
    if (fact.type === 'tunnelStateChanged') {
      const { tunnel, to, because, atMs } = fact;
      this.states.set(tunnel, to);
      this.moves.push({ tunnel, to, because, atMs });
    }
    if (fact.type === 'noted' && fact.note.code === 'wokeLate') this.lateMs.push(fact.note.lateMs);
    if (fact.type === 'snapshotTaken') {
      this.#snapshots.get(fact.requestId)?.(fact.snapshot as FastPathSnapshot);
      this.#snapshots.delete(fact.requestId);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}
