/**
 * The routes of a plan to next hops in the LAN, as kernel routes: those that take nobody's addresses, while a device is
 * up whose network holds the next hop.
 *
 * Unlike the prefixes of the CCN they lead to one device and follow no tunnel; a stop of user traffic leaves them alone.
 */
import { formatPrefix, networkOf, parsePrefix } from '../../firmware-shim/kernel/prefix.ts';
import { type KernelRoute, ROUTE_PROTOCOL } from '../../firmware-shim/kernel/types.ts';
import type { DesiredRoute } from '../model/branch-route.ts';
import type { DeviceView } from '../model/device-view.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { LanRouteSnapshot } from '../model/snapshot.ts';
import { type RouteConflicts, routeConflicts } from './route-conflicts.ts';
import { isSameWay, ROUTE_METRIC, routeKey } from './route-objects.ts';

export class LanRoutes {
  #table = 0;
  #routes: readonly DesiredRoute[] = [];
  #conflicts: readonly RouteConflicts[] = [];
  #wanted: ReadonlyMap<string, KernelRoute> = new Map();

  plan({ table, routes = [], lanPrefixes = [], prefixes }: FastPathPlan): void {
    this.#table = table;
    this.#routes = routes.filter(({ nextHop }) => nextHop !== undefined);
    this.#conflicts = routeConflicts({ routes: this.#routes, lanPrefixes, prefixes });
  }

  /** By key; the same map as long as nothing is different. */
  wanted(devices: DeviceView): ReadonlyMap<string, KernelRoute> {
    const routes = this.#routes.flatMap((route, at) => {
      if (this.#conflicts[at]?.standsBack !== undefined) return [];
      return this.#kernelRoute(route, devices) ?? [];
    });
    const isSame =
      routes.length === this.#wanted.size &&
      routes.every((route) => isSameWay(this.#wanted.get(routeKey(route)), route));
    if (!isSame) this.#wanted = new Map(routes.map((route) => [routeKey(route), route]));
    return this.#wanted;
  }

  snapshot(there: ReadonlyMap<string, KernelRoute>): readonly LanRouteSnapshot[] {
    return this.#routes.map(({ cidr, nextHop = '' }, at) => {
      const route = [...this.#wanted.values()].find(({ destination }) => destination === cidr);
      const installed = route !== undefined && there.has(routeKey(route));
      const because =
        this.#conflicts[at]?.standsBack ?? 'no device that is up reaches its next hop';
      return { cidr, nextHop, installed, ...(route === undefined && { because }) };
    });
  }

  #kernelRoute({ cidr, nextHop = '' }: DesiredRoute, devices: DeviceView): KernelRoute | undefined {
    const prefix = parsePrefix(cidr);
    const link = devices.linkTowards(nextHop);
    if (prefix === undefined || link === undefined) return undefined;
    return {
      family: prefix.family,
      destination: formatPrefix(networkOf(prefix)),
      table: this.#table,
      protocol: ROUTE_PROTOCOL,
      type: 'unicast',
      metric: ROUTE_METRIC,
      gateway: nextHop,
      deviceIndex: link.index,
    };
  }
}
