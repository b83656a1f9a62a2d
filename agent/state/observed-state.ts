/**
 * What exists, as far as it is this core's to care for: devices and addresses of the uplinks, the rules and routes
 * of our number ranges, and the tunnels the engine has made.
 */
import type { KernelChange, KernelRoute, KernelRule } from '../../firmware-shim/kernel/types.ts';
import { ROUTE_PROTOCOL } from '../../firmware-shim/kernel/types.ts';
import { DeviceView } from '../model/device-view.ts';
import { isFlowRule } from '../model/flow-mark.ts';
import type { IdentityResult } from '../model/identity-result.ts';
import type { DhcpServer } from '../model/lan.ts';
import type { TunnelId, TunnelSpec } from '../model/tunnel.ts';
import { isOurTable } from './number-plan.ts';

export class ObservedState {
  readonly devices = new DeviceView();
  /** As they were written last in this run. */
  packetRules: string | undefined;
  flowRules: string | undefined;
  /** The kernel has taken them. */
  areFlowsMarked = false;
  /** Given out in this run: what a former one has left is ended at start. */
  dhcp: readonly DhcpServer[] = [];
  readonly #routes = new Map<string, KernelRoute>();
  readonly #rules = new Map<string, KernelRule>();
  /** What each tunnel was made from; undefined for one that a former run left behind. */
  readonly #tunnels = new Map<TunnelId, TunnelSpec | undefined>();
  /** What became of the identity each tunnel was last turned to in this run. */
  readonly #identities = new Map<TunnelId, IdentityResult>();

  /** Also what the kernel does not take is not tried again as it is. */
  flowsWritten(rules: string, isTaken: boolean): void {
    this.flowRules = rules;
    this.areFlowsMarked = isTaken;
  }

  get routes(): readonly KernelRoute[] {
    return [...this.#routes.values()];
  }

  get rules(): readonly KernelRule[] {
    return [...this.#rules.values()];
  }

  get tunnels(): ReadonlyMap<TunnelId, TunnelSpec | undefined> {
    return this.#tunnels;
  }

  /** Undefined before the first. */
  get identities(): readonly IdentityResult[] | undefined {
    return this.#identities.size === 0 ? undefined : [...this.#identities.values()];
  }

  isIdentityKnown(id: TunnelId): boolean {
    return this.#identities.has(id);
  }

  identityTurned(result: IdentityResult): void {
    this.#identities.set(result.tunnel, result);
  }

  hasRoute(route: KernelRoute): boolean {
    const known = this.#routes.get(routeKey(route));
    if (known === undefined || known.type !== route.type) return false;
    return (
      route.type !== 'unicast' ||
      (known.gateway === route.gateway && known.deviceIndex === route.deviceIndex)
    );
  }

  hasRule(rule: KernelRule): boolean {
    return this.#rules.has(ruleKey(rule));
  }

  /** Changes as a mirror tells them: in an order in which they can be applied, and without a gap. */
  applyKernel(events: readonly KernelChange[]): void {
    const names = new Map([...this.#tunnels].map(([id, spec]) => [spec?.deviceName, id]));
    this.devices.apply(events);
    for (const event of events) {
      switch (event.type) {
        case 'routeAdded':
          if (isOurRoute(event.route)) this.#routes.set(routeKey(event.route), event.route);
          break;
        case 'routeRemoved':
          if (isOurRoute(event.route)) this.#routes.delete(routeKey(event.route));
          break;
        case 'ruleAdded':
          if (event.rule.protocol === ROUTE_PROTOCOL && !isFlowRule(event.rule)) {
            this.#rules.set(ruleKey(event.rule), event.rule);
          }
          break;
        case 'ruleRemoved':
          this.#rules.delete(ruleKey(event.rule));
          break;
        case 'linkRemoved': {
          const id = names.get(event.name);
          if (id !== undefined) this.#tunnels.delete(id);
          break;
        }
        default:
          break;
      }
    }
  }

  tunnelFound(id: TunnelId): void {
    if (!this.#tunnels.has(id)) this.#tunnels.set(id, undefined);
  }

  tunnelMade(spec: TunnelSpec): void {
    this.#tunnels.set(spec.id, spec);
  }

  tunnelGone(id: TunnelId): void {
    this.#tunnels.delete(id);
    this.#identities.delete(id);
  }
}

function isOurRoute(route: KernelRoute): boolean {
  return isOurTable(route.table) && route.protocol === ROUTE_PROTOCOL;
}

/** What the kernel tells routes of one table apart by. */
function routeKey({ family, table, destination, metric }: KernelRoute): string {
  return `${family} ${table} ${destination} ${metric ?? 0}`;
}

function ruleKey({ family, priority, table, from, to, fwmark }: KernelRule): string {
  return `${family} ${priority} ${table} ${from ?? ''} ${to ?? ''} ${fwmark ?? ''}`;
}
