/**
 * The lab's network as data: six namespaces, the wires between them and the addresses on them.
 *
 * ```
 * lan ── sag ══ wan1, wan2 ══ inet ── gwa ── vpc
 *                               └──── gwb ──┘
 * ```
 * All addresses are private to the lab's own namespaces; nothing is wired to the machine outside.
 */
export const NAMESPACES = ['lan', 'sag', 'inet', 'gwa', 'gwb', 'vpc'] as const;
export type NamespaceName = (typeof NAMESPACES)[number];

export interface WireEnd {
  readonly namespace: NamespaceName;
  readonly deviceName: string;
  /** With its prefix length; absent for a bridge port. */
  readonly address?: string;
}

/** One veth pair. */
export type Wire = readonly [WireEnd, WireEnd];

export const WIRES: readonly Wire[] = [
  [end('lan', 'eth0', '192.168.10.2/24'), end('sag', 'lan0', '192.168.10.1/24')],
  [end('sag', 'wan1', '10.91.1.2/24'), end('inet', 'isp1', '10.91.1.1/24')],
  [end('sag', 'wan2', '10.91.2.2/24'), end('inet', 'isp2', '10.91.2.1/24')],
  [end('inet', 'core-a', '10.91.11.1/24'), end('gwa', 'wan0', '10.91.11.2/24')],
  [end('inet', 'core-b', '10.91.12.1/24'), end('gwb', 'wan0', '10.91.12.2/24')],
  [end('gwa', 'vpc0', '172.16.0.2/24'), end('vpc', 'port-a')],
  [end('gwb', 'vpc0', '172.16.0.3/24'), end('vpc', 'port-b')],
];

/** The VPC's switch and, on it, the VPC host. */
export const VPC_BRIDGE = {
  namespace: 'vpc',
  deviceName: 'br0',
  address: '172.16.0.10/24',
  ports: ['port-a', 'port-b'],
} as const;

export interface StaticRoute {
  readonly namespace: NamespaceName;
  readonly destination: string;
  readonly gateway: string;
  readonly metric?: number;
}

export const STATIC_ROUTES: readonly StaticRoute[] = [
  { namespace: 'lan', destination: 'default', gateway: '192.168.10.1' },
  { namespace: 'sag', destination: 'default', gateway: '10.91.1.1', metric: 101 },
  { namespace: 'sag', destination: 'default', gateway: '10.91.2.1', metric: 102 },
  { namespace: 'gwa', destination: 'default', gateway: '10.91.11.1' },
  { namespace: 'gwb', destination: 'default', gateway: '10.91.12.1' },
  { namespace: 'vpc', destination: '192.168.0.0/16', gateway: '172.16.0.2' },
];

/** Namespaces that pass packets on. */
export const ROUTERS: readonly NamespaceName[] = ['sag', 'inet', 'gwa', 'gwb'];

export const LAN_HOST = '192.168.10.2';
/** The box's own in its LAN. */
export const LAN_ADDRESS = '192.168.10.1/24';
export const LAN_PREFIX = '192.168.10.0/24';
/** Behind a router in the LAN, in the stories that have one. */
export const BEHIND_PREFIX = '192.168.20.0/24';
export const BEHIND_HOST = '192.168.20.1';
/** Where the LAN moves to in the story of the document. */
export const MOVED_PREFIX = '192.168.30.0/24';
export const MOVED_ADDRESS = '192.168.30.1';
/** Addresses of the CCN's branches, as a CCN has them when nothing else is said. */
export const CCN_PREFIX = '192.168.0.0/16';
export const VPC_HOST = '172.16.0.10';
/** On the routers between branch and gateways: a name server, and an address that answers pings. */
export const LAB_RESOLVER = '10.91.11.1';
export const LAB_INTERNET = '10.91.12.1';

export const VPC_PREFIX = '172.16.0.0/16';

export interface LabUplink {
  readonly id: 'wan1' | 'wan2';
  /** The board port its cable is in. */
  readonly port: number;
  readonly address: string;
  readonly gateway: string;
  /** The far end of its cable, in `inet`. */
  readonly ispDeviceName: 'isp1' | 'isp2';
  readonly priority: number;
}

export const UPLINKS: readonly LabUplink[] = [
  {
    id: 'wan1',
    port: 5,
    address: '10.91.1.2',
    gateway: '10.91.1.1',
    ispDeviceName: 'isp1',
    priority: 1,
  },
  {
    id: 'wan2',
    port: 6,
    address: '10.91.2.2',
    gateway: '10.91.2.1',
    ispDeviceName: 'isp2',
    priority: 2,
  },
];

export type LabUplinkId = LabUplink['id'];

export function uplinkOf(id: LabUplinkId): LabUplink {
  const uplink = UPLINKS.find((candidate) => candidate.id === id);
  if (uplink === undefined) throw new Error(`the lab has no uplink ${id}`);
  return uplink;
}

export interface LabGateway {
  readonly id: string;
  readonly namespace: 'gwa' | 'gwb';
  readonly address: string;
  /** Its side in the VPC: where the VPC's return route points while it serves the branch. */
  readonly vpcAddress: string;
}

export const GATEWAYS: readonly LabGateway[] = [
  { id: 'agw-hangzhou-a', namespace: 'gwa', address: '10.91.11.2', vpcAddress: '172.16.0.2' },
  { id: 'agw-hangzhou-b', namespace: 'gwb', address: '10.91.12.2', vpcAddress: '172.16.0.3' },
];

/** Where `ip netns add` puts a namespace. */
export function netnsPath(namespace: NamespaceName): string {
  return `/run/netns/${namespace}`;
}

function end(namespace: NamespaceName, deviceName: string, address?: string): WireEnd {
  return { namespace, deviceName, ...(address !== undefined && { address }) };
}
