/**
 * Names of access gateways, asked over the uplink that shall carry the connection, of the name servers that were set or
 * given there. Where there are none, or they do not know, the system is asked.
 */
import { lookup, Resolver } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** One question, and once more. */
const TRIES = 2;
const ANSWER_MS = 1_500;

export class UplinkNames {
  #servers: readonly string[] = [];

  use(servers: readonly string[]): void {
    this.#servers = servers;
  }

  /** For `connect`; nothing where the system is to be asked. */
  over(sourceAddress: string | undefined): { readonly lookup?: LookupFunction } {
    const servers = this.#servers;
    if (servers.length === 0 || sourceAddress === undefined || sourceAddress.includes(':')) {
      return {};
    }
    return {
      lookup: (name, options, done) => {
        const resolver = new Resolver({ timeout: ANSWER_MS, tries: TRIES });
        resolver.setServers(servers);
        resolver.setLocalAddress(sourceAddress);
        resolver.resolve4(name, (error, addresses) => {
          const [first] = addresses ?? [];
          if (error !== null || first === undefined) lookup(name, options, done);
          else if (options.all === true) {
            done(
              null,
              addresses.map((address) => ({ address, family: 4 })),
            );
          } else done(null, first, 4);
        });
      },
    };
  }
}
