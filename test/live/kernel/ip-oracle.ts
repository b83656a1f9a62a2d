/**
 * What `ip -j` says of a namespace, and what a mirror holds, in one spelling, so that they compare as text.
 */
import type { KernelMirror } from '../../../firmware-shim/kernel/mirror.ts';
import type { KernelRoute } from '../../../firmware-shim/kernel/types.ts';
import type { ScratchNetns } from '../../kit/scratch-netns.ts';

type Row = Readonly<Record<string, unknown>>;
export type Picture = Readonly<Record<string, readonly string[]>>;

/** Numbers (`-N`) are asked for, because which words stand for them is the machine's own affair. */
const TABLE_MAIN = '254';
const PROTOCOL_BOOT = '3';
const TYPES: Readonly<Record<string, string>> = {
  '1': 'unicast',
  '2': 'local',
  '3': 'broadcast',
  '6': 'blackhole',
  '7': 'unreachable',
};

/** Everything a mirror keeps, as iproute2 sees it. */
export function ipPicture(netns: ScratchNetns): Picture {
  const rows = (...words: readonly string[]): readonly Row[] =>
    JSON.parse(netns.ip('-N', '-j', ...words).trim() || '[]') as readonly Row[];
  const links = rows('link');
  const indexes = new Map(links.map((row) => [row['ifname'], row['ifindex']]));
  const indexOf = (name: unknown): string => (name === undefined ? '' : text(indexes.get(name)));
  const routes = (['-4', '-6'] as const).flatMap((family) =>
    rows(family, 'route', 'show', 'table', 'all').map((row) => routeText(row, family, indexOf)),
  );
  return sortedPicture({
    links: links.map((row) => {
      const flags = row['flags'] as readonly string[];
      const states = [flags.includes('UP'), flags.includes('LOWER_UP')];
      return words(row['ifindex'], row['ifname'], ...states, row['mtu'], row['address']);
    }),
    addresses: rows('addr').flatMap((row) =>
      (row['addr_info'] as readonly Row[])
        // A device that is going down while it is asked for shows an empty entry.
        .filter((one) => one['local'] !== undefined)
        .map((one) => words(row['ifindex'], `${text(one['local'])}/${text(one['prefixlen'])}`)),
    ),
    routes,
    nexthops: rows('nexthop').map((row) => nexthopText(row, indexOf)),
    neighbours: (['-4', '-6'] as const).flatMap((family) =>
      rows(family, 'neigh').map((row) => words(indexOf(row['dev']), row['dst'], row['lladdr'])),
    ),
  });
}

/** The routes of one protocol in the main table only: one process, for large tables. */
export function ipRoutes(netns: ScratchNetns, protocol: number): readonly string[] {
  const json = netns.ip('-N', '-j', '-4', 'route', 'show', 'proto', String(protocol));
  const rows = JSON.parse(json.trim() || '[]') as readonly Row[];
  return rows
    .map((row) => words(row['dst'], TYPES[text(row['type'] ?? '1')], row['gateway'], row['metric']))
    .sort();
}

export function mirroredRoutes(mirror: KernelMirror, protocol: number): readonly string[] {
  return mirror
    .routes()
    .filter((route) => route.protocol === protocol && route.family === 'ipv4')
    .map(({ destination, type, gateway, metric }) =>
      words(short(destination), type, gateway, metric),
    )
    .sort();
}

export function mirrorPicture(mirror: KernelMirror): Picture {
  const picture = {
    links: [] as string[],
    addresses: [] as string[],
    routes: mirror.routes().map(mirroredRoute),
    nexthops: [] as string[],
    neighbours: [] as string[],
  };
  for (const kind of ['links', 'addresses', 'nexthops', 'neighbours'] as const) {
    for (const one of mirror.objects(kind)) {
      if (one.type === 'linkChanged') {
        const { index, name, adminUp, carrier, mtu, hardwareAddress } = one.link;
        picture.links.push(words(index, name, adminUp, carrier, mtu, hardwareAddress));
      } else if (one.type === 'addressAdded') {
        const { deviceIndex, address, prefixLength } = one.address;
        picture.addresses.push(words(deviceIndex, `${address}/${prefixLength}`));
      } else if (one.type === 'nexthopAdded') {
        const { id, gateway, deviceIndex, group, blackhole, protocol } = one.nexthop;
        const members = group?.map((member) => `${member.id},${member.weight}`).join('/');
        // Blackholes hang on the loopback device, which `ip` does not show.
        const device = blackhole === true ? '' : deviceIndex;
        picture.nexthops.push(words(id, gateway, device, members, blackhole === true, protocol));
      } else if (one.type === 'neighbourChanged') {
        const { deviceIndex, address, hardwareAddress } = one.neighbour;
        picture.neighbours.push(words(deviceIndex, address, hardwareAddress));
      }
    }
  }
  return sortedPicture(picture);
}

function mirroredRoute(route: KernelRoute): string {
  const { family, destination, table, protocol, type, metric, nexthopId, source, tos } = route;
  const paths = route.paths?.map((path) => `${path.gateway ?? ''}@${path.deviceIndex}`).join('/');
  return words(
    family,
    table,
    short(destination),
    type,
    protocol,
    // The kernel tells the metric 0 of its own IPv6 local routes, which means none.
    metric === 0 ? '' : metric,
    nexthopId,
    nexthopId === undefined ? route.gateway : '',
    // The kernel hangs refusing IPv6 routes on the loopback device, as `ip` shows too.
    nexthopId === undefined ? route.deviceIndex : '',
    source,
    tos,
    paths,
  );
}

function routeText(row: Row, family: '-4' | '-6', indexOf: (name: unknown) => string): string {
  const type = TYPES[text(row['type'] ?? '1')] ?? 'other';
  const nexthopId = row['nhid'];
  const isDirect = nexthopId === undefined;
  const via = row['via'] as Row | undefined;
  const several = isDirect ? (row['nexthops'] as readonly Row[] | undefined) : undefined;
  return words(
    family === '-4' ? 'ipv4' : 'ipv6',
    row['table'] ?? TABLE_MAIN,
    row['dst'],
    isDirect ? type : 'unicast',
    row['protocol'] ?? PROTOCOL_BOOT,
    row['metric'] === 0 ? '' : row['metric'],
    nexthopId,
    isDirect ? (row['gateway'] ?? via?.['host']) : '',
    isDirect ? indexOf(row['dev']) : '',
    row['prefsrc'],
    row['tos'] === undefined ? '' : Number(row['tos']),
    several?.map((one) => `${text(one['gateway'] ?? '')}@${indexOf(one['dev'])}`).join('/'),
  );
}

function nexthopText(row: Row, indexOf: (name: unknown) => string): string {
  const group = row['group'] as readonly Row[] | undefined;
  const members = group?.map((one) => `${text(one['id'])},${text(one['weight'] ?? 1)}`).join('/');
  const blackhole = 'blackhole' in row;
  const device = blackhole ? '' : indexOf(row['dev']);
  return words(row['id'], row['gateway'], device, members, blackhole, row['protocol']);
}

function short(prefix: string): string {
  if (prefix === '0.0.0.0/0' || prefix === '::/0') return 'default';
  return prefix.replace(prefix.includes(':') ? /\/128$/ : /\/32$/, '');
}

function words(...all: readonly unknown[]): string {
  return all
    .map((one) => text(one ?? '-'))
    .map((one) => one || '-')
    .join(' ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sortedPicture(picture: Readonly<Record<string, readonly string[]>>): Picture {
  // IPv6 lets identical routes stand side by side; a mirror keeps one.
  const distinct = Object.entries(picture).map(([kind, all]) => [kind, [...new Set(all)].sort()]);
  return Object.fromEntries(distinct) as Picture;
}
