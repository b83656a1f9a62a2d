/** What the hosts file of this box says of a name: hosts(5), an address and its names, one a line. */
import { readFileSync } from 'node:fs';

const HOSTS_FILE = '/etc/hosts';

export function hostsFileAddresses(name: string): readonly string[] {
  try {
    return readFileSync(HOSTS_FILE, 'utf8')
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
      .filter(([, ...names]) => names.some((each) => each.toLowerCase() === name.toLowerCase()))
      .flatMap(([address]) => address ?? []);
  } catch {
    return [];
  }
}
