/**
 * Which of our routes and nexthops are in the kernel, as far as can be known.
 *
 * The mirror runs ahead of the kernel (what was ordered counts as done until refused) and ignores the echoes of
 * our own orders. It also knows what the kernel does not tell: a device that goes down or away takes its
 * nexthops along, a group that loses its last member takes its routes along, and of all that only the device's
 * own event is sent.
 */
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import {
  type KernelEvent,
  type KernelLink,
  type KernelNexthop,
  type KernelRoute,
  ROUTE_PROTOCOL,
} from '../../firmware-shim/kernel/types.ts';
import { isOurNexthop, isOurRoute, NEXTHOP_IDS, routeKey } from './route-objects.ts';

/** What events have taken from us. */
export interface Taken {
  /** Destinations of routes that were deleted one by one. */
  readonly destinations: readonly string[];
  /** Why whole sets went, in words. */
  readonly because: readonly string[];
}

export class RouteMirror {
  readonly #nexthops = new Map<number, KernelNexthop>();
  readonly #routes = new Map<string, KernelRoute>();
  /** Deletes of ours whose echo has not come yet. */
  readonly #echoes = new Map<string, number>();
  #complete = false;
  #routesTaken = 0;
  #expectFresh = true;

  /** False until the whole present state has been seen once. */
  get complete(): boolean {
    return this.#complete;
  }

  get nexthops(): ReadonlyMap<number, KernelNexthop> {
    return this.#nexthops;
  }

  get routes(): ReadonlyMap<string, KernelRoute> {
    return this.#routes;
  }

  /** Grows whenever routes may be missing that were there: as long as it stands still nobody need look. */
  get routesTaken(): number {
    return this.#routesTaken;
  }

  apply(events: readonly KernelEvent[]): Taken {
    const overrunAt = events.findLastIndex((event) => event.type === 'overrun');
    if (overrunAt >= 0) this.#expectFresh = true;
    const rest = events.slice(overrunAt + 1);
    if (rest.length === 0) return { destinations: [], because: [] };
    if (this.#expectFresh) return this.#load(rest);
    const destinations: string[] = [];
    const because: string[] = [];
    for (const event of rest) this.#applyOne(event, destinations, because);
    return { destinations, because };
  }

  /** Counts an order as carried out. */
  order(operation: KernelOperation): void {
    switch (operation.op) {
      case 'nexthopReplace':
        this.#nexthops.set(operation.nexthop.id, operation.nexthop);
        break;
      case 'nexthopDelete':
        this.#nexthops.delete(operation.id);
        this.#expectEcho(`nexthop ${operation.id}`, 1);
        break;
      case 'routeReplace':
        this.#routes.set(routeKey(operation.route), operation.route);
        break;
      case 'routeDelete':
        this.#routes.delete(routeKey(operation.route));
        this.#expectEcho(`route ${routeKey(operation.route)}`, 1);
        break;
      default:
        break;
    }
  }

  /** The kernel refused: nothing this order rests on is taken for granted any more. */
  refused(operation: KernelOperation): void {
    if (operation.op === 'nexthopDelete') this.#expectEcho(`nexthop ${operation.id}`, -1);
    if (operation.op === 'routeDelete') this.#expectEcho(`route ${routeKey(operation.route)}`, -1);
    if (operation.op === 'routeReplace') this.#forgetRoute(routeKey(operation.route));
    if (operation.op === 'nexthopReplace' || operation.op === 'routeReplace') {
      this.#nexthops.clear();
    }
    if (operation.op === 'nexthopReplace') {
      this.#routes.clear();
      this.#routesTaken += 1;
    }
  }

  #load(events: readonly KernelEvent[]): Taken {
    this.#expectFresh = false;
    this.#complete = true;
    this.#routesTaken += 1;
    this.#echoes.clear();
    this.#nexthops.clear();
    this.#routes.clear();
    for (const event of events) {
      if (event.type === 'nexthopAdded' && isOurNexthop(event.nexthop.id)) {
        this.#nexthops.set(event.nexthop.id, event.nexthop);
      } else if (event.type === 'routeAdded' && isOurRoute(event.route)) {
        this.#routes.set(routeKey(event.route), event.route);
      }
    }
    return { destinations: [], because: [] };
  }

  #applyOne(event: KernelEvent, destinations: string[], because: string[]): void {
    switch (event.type) {
      case 'linkChanged':
        if (!event.link.adminUp) this.#wayLost(event.link.index);
        if (!carriesNexthops(event.link))
          this.#deviceLost(event.link.index, event.link.name, because);
        break;
      // With the last address of a device the kernel drops its routes, and tells nobody.
      case 'addressRemoved':
        this.#wayLost(event.address.deviceIndex);
        break;
      case 'linkRemoved':
        this.#wayLost(event.index);
        this.#deviceLost(event.index, event.name, because);
        break;
      case 'nexthopAdded':
        // With our protocol it is an echo; otherwise somebody changed what is ours.
        if (isOurNexthop(event.nexthop.id) && event.nexthop.protocol !== ROUTE_PROTOCOL) {
          this.#nexthops.set(event.nexthop.id, event.nexthop);
          because.push(`nexthop ${event.nexthop.id} was changed by somebody else`);
        }
        break;
      case 'nexthopRemoved':
        if (!this.#isEcho(`nexthop ${event.id}`) && this.#nexthops.has(event.id)) {
          this.#nexthopLost(event.id);
          because.push(`nexthop ${event.id} was deleted by somebody else`);
        }
        break;
      case 'routeRemoved': {
        const key = routeKey(event.route);
        if (!isOurRoute(event.route) || this.#isEcho(`route ${key}`)) break;
        if (this.#forgetRoute(key)) destinations.push(event.route.destination);
        break;
      }
      default:
        break;
    }
  }

  #deviceLost(index: number, name: string, because: string[]): void {
    for (const nexthop of this.#nexthops.values()) {
      if (nexthop.deviceIndex !== index) continue;
      const held = this.#nexthopLost(nexthop.id);
      if (held) because.push(`device ${name} went down with the routes over it`);
    }
  }

  /** Routes to a next hop behind this device may be gone; those that are not are only replaced by the same. */
  #wayLost(index: number): void {
    for (const [key, route] of this.#routes) {
      if (route.deviceIndex === index && route.nexthopId === undefined) this.#forgetRoute(key);
    }
  }

  /** Forgets a nexthop, the group it was the only member of, and the routes of that; true when it had a group. */
  #nexthopLost(id: number): boolean {
    this.#nexthops.delete(id);
    for (const [key, route] of this.#routes) {
      if (route.nexthopId === id) this.#forgetRoute(key);
    }
    for (const groupId of Object.values(NEXTHOP_IDS.group)) {
      const group = this.#nexthops.get(groupId);
      const members = group?.group?.filter((member) => member.id !== id);
      if (group === undefined || members === undefined) continue;
      if (members.length === group.group?.length) continue;
      if (members.length > 0) this.#nexthops.set(groupId, { ...group, group: members });
      else {
        this.#nexthopLost(groupId);
        return true;
      }
    }
    return false;
  }

  #forgetRoute(key: string): boolean {
    this.#routesTaken += 1;
    return this.#routes.delete(key);
  }

  #expectEcho(what: string, change: number): void {
    const count = (this.#echoes.get(what) ?? 0) + change;
    if (count > 0) this.#echoes.set(what, count);
    else this.#echoes.delete(what);
  }

  #isEcho(what: string): boolean {
    if (!this.#echoes.has(what)) return false;
    this.#expectEcho(what, -1);
    return true;
  }
}

/** The kernel keeps nexthops only on a device that is up and has carrier. */
export function carriesNexthops(link: KernelLink): boolean {
  return link.adminUp && link.carrier;
}
