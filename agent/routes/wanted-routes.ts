/**
 * The routes a plan wants in the kernel: the prefixes of the CCN, over the group of the active tunnel, and routes to
 * next hops in the LAN.
 *
 * There may be tens of thousands of prefixes: as long as nothing is wanted differently and nothing was taken away, a
 * failover looks at no route.
 */
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import type { Family, KernelRoute } from '../../firmware-shim/kernel/types.ts';
import type { DeviceView } from '../model/device-view.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { LanRouteSnapshot } from '../model/snapshot.ts';
import { LanRoutes } from './lan-routes.ts';
import { checkPrefixes, type RefusedPrefix } from './prefix-overlap.ts';
import type { RouteMirror } from './route-mirror.ts';
import { familiesOf, routeDifference, wantedRoutes } from './route-objects.ts';

type Routes = ReadonlyMap<string, KernelRoute>;

export class WantedRoutes {
  readonly #lan = new LanRoutes();
  /** Made once per plan. */
  #prefixes: Routes = new Map();
  #lanRoutes: Routes = new Map();
  #all: Routes = new Map();
  #families: readonly Family[] = [];
  #refused: readonly RefusedPrefix[] = [];
  /** What the routes were last compared with. */
  #compared: { readonly wanted: Routes; readonly taken: number } | undefined;

  /** Of the prefixes. */
  get families(): readonly Family[] {
    return this.#families;
  }

  get refused(): readonly RefusedPrefix[] {
    return this.#refused;
  }

  /** Answers with the prefixes that are refused and were not before. */
  plan(plan: FastPathPlan): readonly RefusedPrefix[] {
    const { kept, refused } = checkPrefixes(plan.prefixes, plan.lanPrefixes ?? []);
    const before = new Set(this.#refused.map((each) => each.prefix));
    this.#prefixes = wantedRoutes(kept, plan.table);
    this.#families = familiesOf(this.#prefixes);
    this.#refused = refused;
    this.#lan.plan(plan);
    this.#all = new Map([...this.#prefixes, ...this.#lanRoutes]);
    return refused.filter(({ prefix }) => !before.has(prefix));
  }

  /** Changes from what is in the kernel; without `prefixes` only the routes into the LAN are wanted. */
  difference(
    mirror: RouteMirror,
    devices: DeviceView,
    { prefixes }: { readonly prefixes: boolean },
  ): readonly KernelOperation[] {
    const lanRoutes = this.#lan.wanted(devices);
    if (lanRoutes !== this.#lanRoutes) {
      this.#lanRoutes = lanRoutes;
      this.#all = new Map([...this.#prefixes, ...lanRoutes]);
    }
    const wanted = prefixes ? this.#all : lanRoutes;
    const taken = mirror.routesTaken;
    if (this.#compared?.wanted === wanted && this.#compared.taken === taken) return [];
    this.#compared = { wanted, taken };
    return routeDifference(mirror.routes, wanted);
  }

  isInstalled(there: Routes): boolean {
    return [...this.#prefixes.keys()].every((key) => there.has(key));
  }

  lanSnapshot(there: Routes): readonly LanRouteSnapshot[] {
    return this.#lan.snapshot(there);
  }
}
