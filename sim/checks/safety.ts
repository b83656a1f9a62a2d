/**
 * What must hold at every moment of a simulated run, whatever is broken.
 *
 * I1 an event the agent forgets is stored at the gateway; I2 event numbers of one boot only grow, and one id
 * never stands for two events; I5 nothing is routed into a tunnel that the agent has known Down for longer
 * than detection plus a grace, or has adopted and not seen Up within its own patience; I7 queues stay within
 * their caps. A note of level `error` says that the agent itself is broken, and fails the run as well.
 */
import { OUTBOX_SHELF } from '../../agent/access/outbox.ts';
import type { FastPathFact } from '../../agent/model/fast-path.ts';
import type { Note } from '../../agent/model/note.ts';
import type { TunnelState } from '../../agent/model/tunnel.ts';
import { renderNote } from '../../agent/report/render-note.ts';
import { ADOPTION_WAIT_MS } from '../../agent/tunnel/tunnel-supervisor.ts';
import type { BranchWatcher } from '../models/branch/branch-model.ts';
import { DETECT_MS } from '../models/branch/branch-site.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { World } from '../world/world.ts';
import { ReferenceChoice } from './reference-choice.ts';
import { TrafficWatch } from './traffic.ts';

/** Traffic must have left a dead tunnel this long after it was known dead (fault model, I5). */
const GRACE_MS = 200;
/** How long traffic may go into a tunnel that is in this state. */
const TOLERATED_MS: Readonly<Record<TunnelState, number>> = {
  absent: DETECT_MS + GRACE_MS,
  down: DETECT_MS + GRACE_MS,
  establishing: ADOPTION_WAIT_MS + GRACE_MS,
  up: Number.POSITIVE_INFINITY,
};
/** Looking into the agent costs more than a step; this often is enough for queues. */
const SNAPSHOT_EVERY_MS = 250;
/** The outbox holds at most this many events. */
const OUTBOX_MAX = 10_000;

export class SafetyBroken extends Error {
  override readonly name = 'SafetyBroken';
}

export class SafetyWatch implements BranchWatcher {
  readonly #world: World;
  readonly #notUp = new Map<string, { readonly state: TunnelState; readonly sinceMs: number }>();
  readonly #traffic = new TrafficWatch();
  readonly reference = new ReferenceChoice();
  readonly #raised = new Set<string>();
  readonly #notes: Note[] = [];
  #eventsSeen = 0;
  #lastSeq = new Map<string, number>();
  #nextSnapshotMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Every note of the run so far. */
  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** Ids of the events the agent has raised. */
  get raised(): ReadonlySet<string> {
    return this.#raised;
  }

  readonly onStarted = (): void => {
    this.#world.tell('story', 'branch', 'the agent starts');
    this.#notUp.clear();
    this.#traffic.agentStarted(this.#world.nowMs);
    this.reference.agentStarted();
  };

  readonly onNote = (note: Note): void => {
    this.#notes.push(note);
    if (note.level !== 'debug') this.#world.tell('note', 'branch', renderNote(note));
    // That a disk in trouble refuses is the disk's fault, and saying so is right.
    if (note.level === 'error' && note.code !== 'storeRefused')
      this.#broken(`the agent says it is broken: ${renderNote(note)}`);
    if (note.code !== 'eventRaised') return;
    if (this.#raised.has(note.id)) this.#broken(`I2: ${note.id} stands for two events`);
    this.#raised.add(note.id);
  };

  readonly onFact = (fact: FastPathFact): void => {
    this.#traffic.hear(fact);
    this.reference.hear(fact);
    if (fact.type !== 'tunnelStateChanged') return;
    const { tunnel, to: state, atMs: sinceMs } = fact;
    if (state === 'up') this.#notUp.delete(tunnel);
    else this.#notUp.set(tunnel, { state, sinceMs });
  };

  /** Filled in by `afterStep`'s cast: what the agent forgets must be kept elsewhere. */
  readonly onForgotten = (shelf: string, keys: readonly string[]): void => {
    if (shelf === OUTBOX_SHELF) this.#forgotten.push(...keys);
  };
  readonly #forgotten: string[] = [];

  afterStep(cast: BranchWorld): void {
    this.#checkForgotten(cast);
    this.#checkEvents(cast);
    this.#checkRoutes(cast);
    const standstill = this.#traffic.look(cast);
    if (standstill !== undefined) this.#broken(standstill);
    if (this.#world.nowMs < this.#nextSnapshotMs) return;
    this.#nextSnapshotMs = this.#world.nowMs + SNAPSHOT_EVERY_MS;
    const pending = cast.branch.snapshot()?.outbox.pending ?? 0;
    if (pending > OUTBOX_MAX) this.#broken(`I7: ${pending} events wait in the outbox`);
  }

  #checkForgotten(cast: BranchWorld): void {
    for (const id of this.#forgotten) {
      if (!cast.store.hasEvent(id)) this.#broken(`I1: event ${id} was forgotten but never stored`);
    }
    this.#forgotten.length = 0;
  }

  #checkEvents(cast: BranchWorld): void {
    if (cast.store.eventCount === this.#eventsSeen) return;
    for (const { event } of cast.store.events.slice(this.#eventsSeen)) {
      const last = this.#lastSeq.get(event.bootId) ?? 0;
      if (event.seq <= last) this.#broken(`I2: ${event.id} came after number ${last} of its boot`);
      this.#lastSeq.set(event.bootId, event.seq);
      this.#world.tell('message', 'branch', `event ${event.name} ${event.id}`, 'gateway');
    }
    this.#eventsSeen = cast.store.eventCount;
  }

  #checkRoutes(cast: BranchWorld): void {
    if (this.#notUp.size === 0 || !cast.branch.running) return;
    const tunnel = cast.branch.egress();
    const known = tunnel === undefined ? undefined : this.#notUp.get(tunnel);
    if (known === undefined) return;
    const lastsMs = this.#world.nowMs - known.sinceMs;
    if (lastsMs > TOLERATED_MS[known.state]) {
      this.#broken(`I5: traffic goes into ${tunnel}, ${known.state} for ${lastsMs.toFixed(1)} ms`);
    }
  }

  #broken(sentence: string): never {
    this.#world.tell('check', 'world', sentence);
    throw new SafetyBroken(sentence);
  }
}
