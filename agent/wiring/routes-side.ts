/**
 * Who hears what about the routes of the branch: the plan and the health checks; and what of it is told to the CCN.
 */
import type { RoutesMessage } from '../access/payloads.ts';
import type { DesiredRoute, RouteDistribution } from '../model/branch-route.ts';
import { type FastPathPlan, NOTHING_DESIRED } from '../model/fast-path.ts';
import type { HealthStatuses } from '../model/health-check.ts';
import { type RouteConflicts, routeConflicts } from '../routes/route-conflicts.ts';
import { branchRoutes, cloudRoutes, distributeRoutes } from '../routes/route-distribution.ts';

/** All of a full document with as many LAN prefixes, in 64 kB; prefixes of the cloud fill what is left. */
const ROUTES_TOLD_MAX = 100;

export class RoutesSide {
  #revision = NOTHING_DESIRED;
  #routes: readonly DesiredRoute[] = [];
  #conflicts: readonly RouteConflicts[] = [];
  #cloud: readonly RouteDistribution[] = [];
  #health: HealthStatuses = {};

  /** Of nothing desired nothing is published. */
  planSent({ revision, routes = [], lanPrefixes = [], prefixes }: FastPathPlan): void {
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
    return { v: 1, revision: this.#revision, routes };
  }

  /** Both directions, the branch's own first. */
  snapshot(): readonly RouteDistribution[] {
    return [...this.#local(), ...this.#cloud];
  }

  #local(): readonly RouteDistribution[] {
    return distributeRoutes(this.#routes, this.#conflicts, this.#health);
  }
}
