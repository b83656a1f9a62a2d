/**
 * Every event of a run, from its raising to the gateway: I1 what the agent forgets is stored at the gateway; I2 numbers
 * of one boot only grow, in two rows, what waited and what happens now, and one id never stands for two events; I13 an event bears the true moment and the wall clock of
 * that moment, however that clock jumps, and events keep the order of their numbers.
 *
 * It is also the reference of what the gateway should hold in the end: everything that was ever on the branch's disk and
 * everything this run of the agent has raised, each once and word for word.
 */
import { OUTBOX_SHELF } from '../../agent/access/outbox.ts';
import type { SagEvent } from '../../agent/model/sag-event.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { World } from '../world/world.ts';
import type { Broken, Invariant } from './invariant.ts';

/** What an event tells of may have waited for a stalled thread, and for one that hears of it from the other. */
const RAISED_AFTER_MS_MAX = 10_000;

export class EventLedger implements Invariant {
  readonly #world: World;
  readonly #broken: Broken;
  readonly #raised = new Map<string, SagEvent>();
  /** Ids that were on the branch's disk at any time. */
  readonly #kept = new Set<string>();
  #forgotten: string[] = [];
  #seen = 0;
  /** Of each boot, the last number of each row: what happens now goes before what waited (F-18). */
  readonly #lastSeqs = new Map<string, readonly number[]>();

  constructor(world: World, broken: Broken) {
    this.#world = world;
    this.#broken = broken;
  }

  onEffect(effect: ControlEffect): void {
    if (effect.type === 'storeRemove' && effect.shelf === OUTBOX_SHELF) {
      this.#forgotten.push(...effect.keys);
    } else if (effect.type === 'storePut' && effect.shelf === OUTBOX_SHELF) {
      this.#raise(JSON.parse(effect.value) as SagEvent);
    }
  }

  /** The disk has it. */
  onKept(shelf: string, key: string): void {
    if (shelf === OUTBOX_SHELF) this.#kept.add(key);
  }

  look({ store }: BranchWorld): void {
    for (const id of this.#forgotten) {
      if (!store.hasEvent(id)) this.#broken(`I1: event ${id} was forgotten but never stored`);
    }
    this.#forgotten.length = 0;
    if (store.eventCount === this.#seen) return;
    for (const { event } of store.events.slice(this.#seen)) {
      this.#follow(event);
      this.#world.tell('message', 'branch', `event ${event.name} ${event.id}`, 'gateway');
    }
    this.#seen = store.eventCount;
  }

  /** What the gateway lacks, or has though it was never raised so, as sentences. */
  missing({ store, branch }: BranchWorld): readonly string[] {
    const bootId = branch.snapshot()?.agent.bootId;
    const owed = [...this.#raised].filter(
      ([id, event]) => event.bootId === bootId || this.#kept.has(id),
    );
    const lost = owed.filter(([id]) => !store.hasEvent(id)).map(([id]) => id);
    const changed = store.events.flatMap(({ event }) => {
      const raised = this.#raised.get(event.id);
      return raised !== undefined && isSame(raised, event) ? [] : [event.id];
    });
    return [
      ...(lost.length === 0 ? [] : [`events never stored: ${lost.join(', ')}`]),
      ...(changed.length === 0 ? [] : [`stored as they never were: ${changed.join(', ')}`]),
    ];
  }

  #follow({ id, bootId, seq }: SagEvent): void {
    const [ahead = 0, behind = 0] = this.#lastSeqs.get(bootId) ?? [];
    if (seq > ahead) this.#lastSeqs.set(bootId, [seq, behind]);
    else if (seq > behind) this.#lastSeqs.set(bootId, [ahead, seq]);
    else this.#broken(`I2: ${id} came after the numbers ${behind} and ${ahead} of its boot`);
  }

  #raise(event: SagEvent): void {
    const { id, bootId, seq, atMs, wallMs } = event;
    const { nowMs, wall } = this.#world;
    if (this.#raised.has(id)) this.#broken(`I2: ${id} stands for two events`);
    if (id !== `${bootId}-${seq}`) this.#broken(`I2: ${id} is number ${seq} of ${bootId}`);
    if (atMs > nowMs || nowMs - atMs > RAISED_AFTER_MS_MAX) {
      this.#broken(`I13: ${id} is of ${atMs} ms and raised at ${nowMs} ms`);
    }
    if (wallMs !== wall.wallMs()) this.#broken(`I13: ${id} bears another time than the clock's`);
    this.#raised.set(id, event);
  }
}

function isSame(raised: SagEvent, stored: SagEvent): boolean {
  const { id, bootId, seq, name, atMs, wallMs, content } = stored;
  return (
    JSON.stringify(raised) === JSON.stringify({ id, bootId, seq, name, atMs, wallMs, content })
  );
}
