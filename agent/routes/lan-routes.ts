/**
 * The routes of a plan to next hops in the LAN, as kernel routes: those that take nobody's addresses, while a device is
 * up whose network holds the next hop.
 *
 * Unlike the prefixes of the CCN they lead to one device and follow no tunnel; a stop of user traffic leaves them alone.
 */
import { formatPrefix, parsePrefix } from '../../firmware-shim/kernel/prefix.ts';
import { type KernelRoute, ROUTE_PROTOCOL } from '../../firmware-shim/kernel/types.ts';
import type { DeviceView } from '../model/device-view.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { LanRouteSnapshot } from '../model/snapshot.ts';
import { routeConflicts } from './route-conflicts.ts';
import { isSameWay, ROUTE_METRIC, routeKey } from './route-objects.ts';

/** A route of the document that leads to a router in the LAN. */
interface LanRoute {
  readonly cidr: string;
  readonly nextHop: string;
  /** Why it is not wanted, whatever the devices do. */
  readonly standsBack: string | undefined;
  /** As the kernel is to have it; undefined while it is not wanted. */
  wanted: KernelRoute | undefined;
}

export class LanRoutes {
  #table = 0;
  #routes: readonly LanRoute[] = [];
  #wanted: ReadonlyMap<string, KernelRoute> = new Map();

  plan({ table, routes = [], lanPrefixes = [], prefixes }: FastPathPlan): void {
    const conflicts = routeConflicts({ routes, lanPrefixes, prefixes });
    this.#table = table;
    this.#routes = routes.flatMap(({ cidr, nextHop }, at) => {
      const standsBack = conflicts[at]?.standsBack;
      return nextHop === undefined ? [] : { cidr, nextHop, standsBack, wanted: undefined };
    });
  }

  /** By key; the same map as long as nothing is different. */
  wanted(devices: DeviceView): ReadonlyMap<string, KernelRoute> {
    for (const route of this.#routes) route.wanted = this.#kernelRoute(route, devices);
    const routes = this.#routes.flatMap(({ wanted }) => wanted ?? []);
    const isSame =
      routes.length === this.#wanted.size &&
      routes.every((route) => isSameWay(this.#wanted.get(routeKey(route)), route));
    if (!isSame) this.#wanted = new Map(routes.map((route) => [routeKey(route), route]));
    return this.#wanted;
  }

  snapshot(there: ReadonlyMap<string, KernelRoute>): readonly LanRouteSnapshot[] {
    return this.#routes.map(({ cidr, nextHop, standsBack, wanted }) => {
      const installed = wanted !== undefined && there.has(routeKey(wanted));
      const because = standsBack ?? 'no device that is up reaches its next hop';
      return { cidr, nextHop, installed, ...(wanted === undefined && { because }) };
    });
  }

  #kernelRoute(
    { cidr, nextHop, standsBack }: LanRoute,
    devices: DeviceView,
  ): KernelRoute | undefined {
    const prefix = parsePrefix(cidr);
    const link = devices.linkTowards(nextHop);
    if (standsBack !== undefined || prefix === undefined || link === undefined) return undefined;
    return {
      family: prefix.family,
      destination: formatPrefix(prefix),
      table: this.#table,
      protocol: ROUTE_PROTOCOL,
      type: 'unicast',
      metric: ROUTE_METRIC,
      gateway: nextHop,
      deviceIndex: link.index,
    };
  }
}
