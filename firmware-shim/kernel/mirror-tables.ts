/**
 * The mirror's objects by kind, and the difference between two such sets.
 *
 * Routes are also found by slot, because a replace names the slot and not which of its routes it replaced.
 * IPv6 lets identical routes stand side by side: here they are one, and `isDoubled` says that there may be more.
 * How many objects there may be is the kernel's bound, and that of a dump.
 */
import {
  type Absent,
  absenceOf,
  type Kind,
  keyOf,
  kindOf,
  type Present,
  routeSlot,
  sameObject,
} from './mirror-object.ts';

export const KINDS: readonly Kind[] = [
  'links',
  'addresses',
  'nexthops',
  'routes',
  'rules',
  'neighbours',
];

export type Verdict = 'added' | 'changed' | 'same';

export interface Difference {
  /** What leads from the one set to the other: losses first, and what stands on others goes first and comes last. */
  readonly changes: readonly (Present | Absent)[];
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

export class MirrorTables {
  readonly #objects: Readonly<Record<Kind, Map<string, Present>>> = {
    links: new Map(),
    addresses: new Map(),
    nexthops: new Map(),
    routes: new Map(),
    rules: new Map(),
    neighbours: new Map(),
  };
  readonly #slots = new Map<string, Set<string>>();
  readonly #doubled = new Set<string>();

  put(present: Present): Verdict {
    const kind = kindOf(present);
    const key = keyOf(present);
    const before = this.#objects[kind].get(key);
    if (before !== undefined && sameObject(before, present)) {
      if (kind === 'routes') this.#doubled.add(key);
      return 'same';
    }
    this.#objects[kind].set(key, present);
    if (present.type === 'routeAdded') this.#intoSlot(routeSlot(present.route), key);
    return before === undefined ? 'added' : 'changed';
  }

  /** False when it was not there. */
  remove(absent: Absent): boolean {
    const key = keyOf(absent);
    if (!this.#objects[kindOf(absent)].delete(key)) return false;
    if (absent.type === 'routeRemoved') {
      this.#outOfSlot(routeSlot(absent.route), key);
      this.#doubled.delete(key);
    }
    return true;
  }

  /** The route was told or found twice, so its removal may leave another one. */
  isDoubled(event: Present | Absent): boolean {
    return this.#doubled.has(keyOf(event));
  }

  /** What another set knows to be there twice is so here too. */
  doubledAs(other: MirrorTables): void {
    for (const key of other.#doubled) if (this.#objects.routes.has(key)) this.#doubled.add(key);
  }

  get(kind: Kind, key: string): Present | undefined {
    return this.#objects[kind].get(key);
  }

  size(kind: Kind): number {
    return this.#objects[kind].size;
  }

  all(kind: Kind): Iterable<Present> {
    return this.#objects[kind].values();
  }

  inSlot(slot: string): readonly Present[] {
    const keys = this.#slots.get(slot) ?? [];
    return [...keys].flatMap((key) => this.#objects.routes.get(key) ?? []);
  }

  /** How `fresh` differs in these kinds; objects that `isSkipped` are taken to be right here. */
  difference(
    fresh: MirrorTables,
    kinds: readonly Kind[],
    isSkipped: (present: Present) => boolean = () => false,
  ): Difference {
    const gone: Present[] = [];
    const come: Present[] = [];
    let changed = 0;
    for (const kind of kinds) {
      for (const [key, present] of this.#objects[kind]) {
        if (!fresh.#objects[kind].has(key) && !isSkipped(present)) gone.push(present);
      }
      for (const [key, present] of fresh.#objects[kind]) {
        const before = this.#objects[kind].get(key);
        if ((before !== undefined && sameObject(before, present)) || isSkipped(present)) continue;
        come.push(present);
        if (before !== undefined) changed += 1;
      }
    }
    const paired = pairedInSlots(gone, come);
    return {
      changes: [...gone.reverse().map(absenceOf), ...come],
      added: come.length - changed - paired,
      removed: gone.length - paired,
      changed: changed + paired,
    };
  }

  #intoSlot(slot: string, key: string): void {
    const keys = this.#slots.get(slot);
    if (keys === undefined) this.#slots.set(slot, new Set([key]));
    else keys.add(key);
  }

  #outOfSlot(slot: string, key: string): void {
    const keys = this.#slots.get(slot);
    keys?.delete(key);
    if (keys?.size === 0) this.#slots.delete(slot);
  }
}

/** How many routes took the place of one that went: told as both, counted as one change. */
function pairedInSlots(gone: readonly Present[], come: readonly Present[]): number {
  const left = new Map<string, number>();
  for (const one of gone) {
    if (one.type !== 'routeAdded') continue;
    const slot = routeSlot(one.route);
    left.set(slot, (left.get(slot) ?? 0) + 1);
  }
  let paired = 0;
  for (const one of come) {
    const slot = one.type === 'routeAdded' ? routeSlot(one.route) : '';
    const free = left.get(slot) ?? 0;
    if (free === 0) continue;
    left.set(slot, free - 1);
    paired += 1;
  }
  return paired;
}
