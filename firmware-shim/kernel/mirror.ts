/**
 * An exact picture of the kernel's links, addresses, nexthops, routes, rules and neighbours.
 *
 * It is fed what a `Kernel` tells its listener. What the kernel does not tell it concludes, and then looks
 * again (a dump of the kinds in doubt), a little later and at most a few times a second: whoever moves traffic
 * on the same thread comes first. News that arrives while it looks is newer than what it finds, so what the
 * news speaks of is left alone; news still unread when the look ends is applied after it. After an overrun it
 * takes the whole view that follows and tells once what was different.
 */
import { DeviceBook } from './device-book.ts';
import { doubtsAfter, lossesAfter } from './mirror-losses.ts';
import {
  type MirrorCounters,
  type MirrorOptions,
  type MirrorPort,
  RESYNC_OBJECTS_MAX,
} from './mirror-news.ts';
import {
  type Absent,
  absenceOf,
  asKept,
  isPresent,
  type Kind,
  keyOf,
  kindOf,
  type Present,
  protocolOf,
  routeSlot,
} from './mirror-object.ts';
import { KINDS, MirrorTables } from './mirror-tables.ts';
import type { KernelDump } from './operations.ts';
import type { KernelEvent, KernelLink, KernelRoute } from './types.ts';

/** Long enough for a burst of losses to be looked at once, and for a failover to be over. */
export const LOOK_AFTER_MS = 50;
/** Between two looks: a dump of 20,000 routes costs some 50 ms of the thread. */
export const LOOK_GAP_MS = 250;
/** A look under way: what the kernel is asked for, what it answered, and what was told meanwhile. */
interface Look {
  readonly kinds: readonly Kind[];
  readonly fresh: MirrorTables;
  readonly touched: Set<string>;
  left: number;
  failed: boolean;
}

export class KernelMirror {
  readonly devices = new DeviceBook();
  readonly #port: MirrorPort;
  readonly #protocol: number | undefined;
  readonly #counters = { concluded: 0, looks: 0, looksFailed: 0, found: 0 };
  readonly #doubts = new Set<Kind>();
  #tables = new MirrorTables();
  #isWhole = false;
  #isBehind = false;
  #isStopped = false;
  #isTimed = false;
  #look: Look | undefined;

  constructor(port: MirrorPort, options: MirrorOptions = {}) {
    this.#port = port;
    this.#protocol = options.protocol;
  }

  get counters(): MirrorCounters {
    return this.#counters;
  }

  /** False until the first whole view has come. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Nothing is in doubt: what is here is what the kernel held when it sent its last message. */
  get isSure(): boolean {
    const looksAgain = this.#doubts.size > 0 || this.#look !== undefined;
    return this.#isWhole && !this.#isBehind && !looksAgain;
  }

  /** Messages were lost: until the whole view comes, nothing here is sure. */
  missed(): void {
    this.#isBehind = true;
  }

  objects(kind: Kind): readonly Present[] {
    return [...this.#tables.all(kind)];
  }

  routes(): readonly KernelRoute[] {
    return this.objects('routes').flatMap((one) => (one.type === 'routeAdded' ? [one.route] : []));
  }

  size(kind: Kind): number {
    return this.#tables.size(kind);
  }

  /** What a kernel tells its listener, batch by batch. */
  hear(events: readonly KernelEvent[]): void {
    const at = events.findLastIndex((event) => event.type === 'overrun');
    const isWhole = this.#isWhole && at < 0;
    if (at > 0 && this.#isWhole) this.#hearTold(events.slice(0, at));
    const current = events.slice(at + 1);
    if (isWhole) this.#hearTold(current);
    else this.#takeView(current);
  }

  /** Asks and tells nothing from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#look = undefined;
    this.#doubts.clear();
  }

  #hearTold(events: readonly KernelEvent[]): void {
    const changes: (Present | Absent)[] = [];
    for (const event of events) if (event.type !== 'overrun') this.#take(event, changes);
    if (changes.length > 0) this.#port.tell({ cause: 'told', changes });
    this.#lookSoon(LOOK_AFTER_MS);
  }

  #takeView(events: readonly KernelEvent[]): void {
    const before = this.#tables;
    const isFirst = !this.#isWhole;
    // A look from before the gap answers a question nobody asks any more.
    this.#look = undefined;
    this.#doubts.clear();
    this.#tables = new MirrorTables();
    this.#isWhole = true;
    this.#isBehind = false;
    const links: KernelLink[] = [];
    for (const event of events) {
      if (event.type === 'linkChanged') links.push(event.link);
      if (event.type !== 'overrun') this.#take(event, undefined);
    }
    this.devices.seenAnew(links.filter(({ index }) => this.#tables.get('links', `${index}`)));
    const difference = before.difference(this.#tables, KINDS);
    const { changes, added, removed, changed } = difference;
    if (isFirst) this.#port.tell({ cause: 'view', changes });
    else {
      const objects = changes.slice(0, RESYNC_OBJECTS_MAX);
      const note = { code: 'kernelResynced', level: 'warning', added, removed, changed } as const;
      this.#port.tell({ cause: 'overrun', changes, note: { ...note, objects } });
    }
    this.#lookSoon(LOOK_AFTER_MS);
  }

  /** One piece of news and its silent consequences; `changes` is undefined while a view is taken. */
  #take(told: Present | Absent, changes: (Present | Absent)[] | undefined): void {
    const event = this.#asOwn(asKept(told));
    if (event === undefined) return;
    const link = event.type === 'linkChanged' ? this.#linkBefore(event.link.index) : undefined;
    this.#touch(event);
    if (isPresent(event)) this.#takePresent(event, changes);
    else this.#takeAbsent(event, changes);
    if (event.type === 'linkRemoved') this.devices.gone(event.index);
    else if (event.type === 'linkChanged' && changes !== undefined) this.devices.seen(event.link);
    for (const loss of lossesAfter(event, this.#tables)) {
      this.#counters.concluded += 1;
      this.#touch(loss);
      this.#apply(loss, changes);
    }
    for (const kind of doubtsAfter(event, link)) this.#doubts.add(kind);
  }

  #takePresent(event: Present, changes: (Present | Absent)[] | undefined): void {
    if (event.type !== 'routeAdded') {
      this.#apply(event, changes);
      return;
    }
    const { route, replaces } = event;
    const others = this.#tables
      .inSlot(routeSlot(route))
      .filter((one) => keyOf(one) !== keyOf(event));
    // Which of several was replaced is not told, and IPv6 makes two routes of a slot into one of two paths.
    const isPlain = replaces === true ? others.length <= 1 : others.length === 0;
    if (!isPlain) this.#doubts.add('routes');
    const [only] = others;
    if (replaces === true && isPlain && only !== undefined) this.#apply(absenceOf(only), changes);
    this.#apply({ type: 'routeAdded', route }, changes);
  }

  #takeAbsent(event: Absent, changes: (Present | Absent)[] | undefined): void {
    if (event.type === 'routeRemoved' && this.#tables.isDoubled(event)) this.#doubts.add('routes');
    const isKnown = this.#apply(event, changes);
    if (isKnown || event.type !== 'routeRemoved') return;
    // Told in other words than when it came, or one path of several.
    if (this.#tables.inSlot(routeSlot(event.route)).length > 0) this.#doubts.add('routes');
  }

  #apply(event: Present | Absent, changes: (Present | Absent)[] | undefined): boolean {
    const isNews = isPresent(event)
      ? this.#tables.put(event) !== 'same'
      : this.#tables.remove(event);
    if (isNews) changes?.push(event);
    return isNews;
  }

  /** The event if it is about something kept here; a foreign route that takes our slot is a doubt. */
  #asOwn(event: Present | Absent): Present | Absent | undefined {
    const protocol = protocolOf(event);
    if (this.#protocol === undefined || protocol === undefined || protocol === this.#protocol) {
      return event;
    }
    const replaces = event.type === 'routeAdded' && event.replaces === true;
    if (replaces && this.#tables.inSlot(routeSlot(event.route)).length > 0)
      this.#doubts.add('routes');
    // A nexthop of ours replaced by another's has kept its id.
    return event.type === 'nexthopAdded' && this.#tables.get('nexthops', keyOf(event)) !== undefined
      ? absenceOf(event)
      : undefined;
  }

  #linkBefore(index: number): KernelLink | undefined {
    const before = this.#tables.get('links', String(index));
    return before?.type === 'linkChanged' ? before.link : undefined;
  }

  #touch(event: Present | Absent): void {
    this.#look?.touched.add(touchOf(event));
  }

  #lookSoon(delayMs: number): void {
    if (this.#isStopped || this.#isTimed || this.#look !== undefined) return;
    if (this.#doubts.size === 0) return;
    this.#isTimed = true;
    this.#port.afterMs(delayMs, () => {
      this.#isTimed = false;
      if (!this.#isStopped && this.#look === undefined && this.#doubts.size > 0) this.#startLook();
    });
  }

  #startLook(): void {
    // Nexthops are asked for first: that dump waits for the lock under which the kernel takes objects away.
    const kinds = KINDS.filter((kind) => this.#doubts.has(kind));
    this.#doubts.clear();
    this.#counters.looks += 1;
    const fresh = new MirrorTables();
    const look: Look = { kinds, fresh, touched: new Set(), left: kinds.length, failed: false };
    this.#look = look;
    for (const kind of kinds) {
      this.#port.dump(dumpOf(kind, this.#protocol), (result) => {
        if (this.#look !== look) return;
        look.left -= 1;
        if (result.ok) this.#gather(look, result.objects);
        else look.failed = true;
        if (look.left === 0) this.#endLook(look);
      });
    }
  }

  #gather(look: Look, objects: readonly KernelEvent[]): void {
    for (const object of objects) {
      if (object.type === 'overrun') continue;
      const kept = this.#asOwn(asKept(object));
      if (kept !== undefined && isPresent(kept)) look.fresh.put(kept);
    }
  }

  #endLook(look: Look): void {
    this.#look = undefined;
    if (look.failed) {
      this.#counters.looksFailed += 1;
      for (const kind of look.kinds) this.#doubts.add(kind);
    } else {
      const { changes } = this.#tables.difference(look.fresh, look.kinds, (one) =>
        look.touched.has(touchOf(one)),
      );
      this.#counters.found += changes.length;
      for (const change of changes) this.#apply(change, undefined);
      this.#tables.doubledAs(look.fresh);
      if (changes.length > 0) this.#port.tell({ cause: 'found', changes });
    }
    this.#lookSoon(LOOK_GAP_MS);
  }
}

/** A route's whole slot is touched with it. */
function touchOf(event: Present | Absent): string {
  return 'route' in event ? `route ${routeSlot(event.route)}` : `${kindOf(event)} ${keyOf(event)}`;
}

function dumpOf(kind: Kind, protocol: number | undefined): KernelDump {
  return kind === 'routes' && protocol !== undefined
    ? { dump: 'routes', protocol }
    : { dump: kind };
}
