/**
 * F-24: whatever name servers say, an address that is kept for a gateway is the gateway's own.
 */
import { GATEWAYS } from '../lab/topology.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import { nameOf } from '../models/far-end/name-servers.ts';
import type { Broken, Invariant } from './invariant.ts';

export class KeptAddresses implements Invariant {
  readonly #broken: Broken;
  #seen: unknown;

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  look({ branch: { identity } }: BranchWorld): void {
    const { lastKept } = identity;
    if (lastKept === this.#seen) return;
    this.#seen = lastKept;
    for (const { name, addresses } of lastKept) {
      const own = GATEWAYS.find(({ id }) => nameOf(id) === name)?.address;
      const foreign = addresses.find(({ address }) => address !== own);
      if (foreign !== undefined) this.#broken(`F-24: ${foreign.address} is kept for ${name}`);
    }
  }
}
