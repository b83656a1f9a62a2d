/**
 * Who hears what about the routes of the branch: the plan and the health checks; and what of it is told to the CCN.
 */
import type { RoutesMessage } from '../access/payloads.ts';
import type { DesiredRoute, RouteDistribution } from '../model/branch-route.ts';
import { type FastPathPlan, NOTHING_DESIRED } from '../model/fast-path.ts';
import { type DesiredHa, isColdStandby, ROUTE_COST, roleOf } from '../model/ha.ts';
import type { HealthStatuses } from '../model/health-check.ts';
import { type RouteConflicts, routeConflicts } from '../routes/route-conflicts.ts';
import {
  branchRoutes,
  cloudRoutes,
  distributeRoutes,
  heldOff,
} from '../routes/route-distribution.ts';

/** All of a full document with as many LAN prefixes, in 64 kB; prefixes of the cloud fill what is left. */
const ROUTES_TOLD_MAX = 100;

export class RoutesSide {
  #revision = NOTHING_DESIRED;
  #routes: readonly DesiredRoute[] = [];
  #conflicts: readonly RouteConflicts[] = [];
  #cloud: readonly RouteDistribution[] = [];
  #health: HealthStatuses = {};
  #ha: DesiredHa | undefined;

  /** Of nothing desired nothing is published. */
  planSent({ revision, routes = [], lanPrefixes = [], prefixes, ha }: FastPathPlan): void {
    this.#ha = ha;
    const isAny = revision !== NOTHING_DESIRED;
    this.#revision = revision;
    this.#routes = isAny ? branchRoutes({ routes, lanPrefixes, prefixes }) : [];
    this.#conflicts = routeConflicts({ routes: this.#routes, lanPrefixes, prefixes });
    this.#cloud = cloudRoutes({ prefixes, lanPrefixes });
  }

  healthChanged(health: HealthStatuses): void {
    this.#health = health;
  }

  get message(): RoutesMessage {
    const troubled = this.#cloud.filter(({ state }) => state === 'revoked');
    const routes = [...this.#local(), ...troubled].slice(0, ROUTES_TOLD_MAX);
    return { v: 1, revision: this.#revision, cost: ROUTE_COST[roleOf(this.#ha)], routes };
  }

  /** Both directions, the branch's own first. */
  snapshot(): readonly RouteDistribution[] {
    return [...this.#local(), ...this.#cloud];
  }

  #local(): readonly RouteDistribution[] {
    const distributed = distributeRoutes(this.#routes, this.#conflicts, this.#health);
    return isColdStandby(this.#ha) ? heldOff(distributed) : distributed;
  }
}
