/**
 * The address behind a gateway's name, for a probe that must end: from the hosts file, else of the name servers, over the
 * uplink that is probed. The system's resolver cannot be called back and keeps a program from ending for as long as dead
 * servers let it wait.
 */
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

export const NAME_WAIT_MS = 800;
export const NAME_TRIES = 2;
const HOSTS_FILE = '/etc/hosts';

export function resolverOver(servers: readonly string[], localAddress: string): Resolver {
  const resolver = new Resolver({ timeout: NAME_WAIT_MS, tries: NAME_TRIES });
  resolver.setServers(servers);
  if (localAddress.includes(':')) resolver.setLocalAddress(undefined, localAddress);
  else resolver.setLocalAddress(localAddress);
  return resolver;
}

/** Undefined when nobody knows the name in time. */
export async function gatewayAddress(
  name: string,
  servers: readonly string[],
  localAddress: string,
): Promise<string | undefined> {
  if (isIP(name) !== 0) return name;
  const family = isIP(localAddress);
  const known = hostsFileAddresses(name).find((address) => isIP(address) === family);
  if (known !== undefined) return known;
  const resolver = resolverOver(servers, localAddress);
  const late = setTimeout(() => resolver.cancel(), NAME_WAIT_MS * NAME_TRIES);
  try {
    const [first] = await resolver.resolve(name, family === 6 ? 'AAAA' : 'A');
    return first;
  } catch {
    return undefined;
  } finally {
    clearTimeout(late);
  }
}

/** hosts(5): an address and its names, one a line. */
function hostsFileAddresses(name: string): readonly string[] {
  try {
    return readFileSync(HOSTS_FILE, 'utf8')
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
      .filter(([, ...names]) => names.includes(name))
      .flatMap(([address]) => address ?? []);
  } catch {
    return [];
  }
}
