/**
 * Which gateway a device without a certificate asks next, and over which way out: all gateways over one, then all over
 * the next.
 */
import type { GatewayAddress } from '../model/config.ts';
import type { AccessTarget } from '../ports.ts';
import type { EnrolmentPath } from './enrolment-events.ts';

export class EnrolmentWalk {
  readonly #gateways: readonly GatewayAddress[];
  #paths: readonly EnrolmentPath[] = [undefined];
  #turn = 0;
  /** The turn at which the paths became these. */
  #pathsSince = 0;

  constructor(gateways: readonly GatewayAddress[]) {
    this.#gateways = gateways.filter(({ enrolmentPort }) => enrolmentPort !== undefined);
  }

  /** No gateway takes enrolments. */
  get isEmpty(): boolean {
    return this.#gateways.length === 0;
  }

  get attempts(): number {
    return this.#turn;
  }

  /** The walk begins anew, over the first of them. */
  take(paths: readonly EnrolmentPath[]): void {
    this.#paths = paths;
    this.#pathsSince = this.#turn;
  }

  has(path: EnrolmentPath): boolean {
    return this.#paths.some(
      (each) => each?.uplink === path?.uplink && each?.sourceAddress === path?.sourceAddress,
    );
  }

  next(): { readonly target: AccessTarget; readonly path: EnrolmentPath } | undefined {
    const count = this.#gateways.length;
    const chosen = this.#gateways[this.#turn % count];
    if (chosen === undefined) return undefined;
    const path =
      this.#paths[Math.floor((this.#turn - this.#pathsSince) / count) % this.#paths.length];
    this.#turn += 1;
    const { id: gateway, address, serverName, enrolmentPort: port = 0 } = chosen;
    const bound = path === undefined ? {} : { sourceAddress: path.sourceAddress };
    return { target: { gateway, address, port, serverName, ...bound }, path };
  }
}
