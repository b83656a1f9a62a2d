/**
 * Which gateway is tried next, and over which uplink.
 *
 * Gateways are tried in the order of their nearness; when all have failed over one uplink the next best uplink has
 * its turn, so that a path which looks up but carries nothing cannot hold the device off for ever. A redirect
 * is followed only to a gateway of the configured list.
 */
import type { GatewayAddress } from '../model/config.ts';
import {
  LTE_PRIORITY,
  NEVER_FORWARDS,
  type Uplink,
  type UplinkId,
  type UplinkVerdict,
} from '../model/uplink.ts';
import type { AccessTarget } from '../ports.ts';

export interface UplinkPath {
  readonly uplink: UplinkId;
  readonly sourceAddress: string;
}

export interface Attempt {
  readonly gateway: GatewayAddress;
  readonly path: UplinkPath;
}

/** The uplinks that are up, best first. Those that never forward user traffic come last, but do count. */
export function pathsOf(
  uplinks: readonly Uplink[],
  verdicts: ReadonlyMap<UplinkId, UplinkVerdict>,
): readonly UplinkPath[] {
  const rank = (uplink: Uplink): number =>
    uplink.priority === NEVER_FORWARDS || uplink.use === 'management-only'
      ? LTE_PRIORITY + 1
      : uplink.priority;
  return uplinks
    .toSorted((a, b) => rank(a) - rank(b))
    .flatMap((uplink) => {
      const verdict = verdicts.get(uplink.id);
      return verdict?.state === 'up' ? [{ uplink: uplink.id, sourceAddress: verdict.address }] : [];
    });
}

/** The attempt in the words of the channel. */
export function targetOf({ gateway, path }: Attempt): AccessTarget {
  return {
    gateway: gateway.id,
    address: gateway.address,
    port: gateway.port,
    serverName: gateway.serverName,
    sourceAddress: path.sourceAddress,
  };
}

export class GatewayWalk {
  readonly #all: readonly GatewayAddress[];
  #gateways: readonly GatewayAddress[];
  #gatewayIndex = 0;
  #failures = 0;
  #doubted: UplinkId | undefined;

  constructor(gateways: readonly GatewayAddress[]) {
    this.#all = gateways;
    this.#gateways = gateways;
  }

  /** The order to try them in from now on; what is not named is not tried. */
  rank(order: readonly string[]): void {
    this.#gateways = order.flatMap((id) => this.#all.filter((gateway) => gateway.id === id));
    this.#gatewayIndex = 0;
  }

  get gatewayCount(): number {
    return this.#gateways.length;
  }

  /** The next attempt, or undefined while no uplink is up. */
  next(paths: readonly UplinkPath[]): Attempt | undefined {
    const gateway = this.#gateways[this.#gatewayIndex];
    const trusted = paths.filter(({ uplink }) => uplink !== this.#doubted);
    const ordered = [...trusted, ...paths.filter((path) => !trusted.includes(path))];
    const round = Math.floor(this.#failures / Math.max(1, this.#gateways.length));
    const path = ordered[round % Math.max(1, ordered.length)];
    return gateway === undefined || path === undefined ? undefined : { gateway, path };
  }

  /** The last attempt failed: the next gateway has its turn. */
  failed(): void {
    this.#failures += 1;
    this.#gatewayIndex = (this.#gatewayIndex + 1) % Math.max(1, this.#gateways.length);
  }

  /** A connection that had worked went silent: its uplink is tried last until something works again. */
  doubt(uplink: UplinkId): void {
    this.#doubted = uplink;
  }

  /** Registered: the walk starts at the head of the list the next time. */
  succeeded(): void {
    this.#failures = 0;
    this.#doubted = undefined;
    this.#gatewayIndex = 0;
  }

  /** Takes the gateway a redirect names; false when it is not one of ours. */
  redirect(reference: string | undefined): boolean {
    const index = this.#gateways.findIndex(
      ({ id, address, port, serverName }) =>
        reference !== undefined &&
        [
          id,
          address,
          `${address}:${port}`,
          `[${address}]:${port}`,
          serverName,
          `${serverName}:${port}`,
        ].includes(reference),
    );
    if (index < 0) return false;
    this.#gatewayIndex = index;
    return true;
  }
}
