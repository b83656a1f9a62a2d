/** The name servers of this box, of resolv.conf(5). */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

const FILE = '/etc/resolv.conf';
/** As many as a resolver takes. */
const SERVERS_MAX = 3;

export function systemServers(): readonly string[] {
  try {
    return readFileSync(FILE, 'utf8')
      .split('\n')
      .flatMap((line) => /^nameserver\s+([0-9A-Fa-f.:]+)\s*$/.exec(line)?.[1] ?? [])
      .filter((address) => isIP(address) !== 0)
      .slice(0, SERVERS_MAX);
  } catch {
    return [];
  }
}
