/**
 * Kernel objects as the rest of the program speaks of them: plain data, addresses as text.
 *
 * Names follow rtnetlink(7) and `ip`. A "device" is a kernel network device and is known by its index.
 */
export type Family = 'ipv4' | 'ipv6';

export interface KernelLink {
  readonly index: number;
  readonly name: string;
  /** IFLA_INFO_KIND such as `veth`, `wireguard`, `tun`; absent for plain devices. */
  readonly kind?: string;
  /** IFF_UP: what the administrator wants. */
  readonly adminUp: boolean;
  /** IFF_LOWER_UP: what the cable says. */
  readonly carrier: boolean;
  readonly mtu: number;
  /** Hardware address, lower-case hex with colons. */
  readonly hardwareAddress?: string;
  /** IFLA_CARRIER_CHANGES: the kernel's own count, exact also where single changes were never told. */
  readonly carrierChanges?: number;
}

export interface KernelAddress {
  readonly deviceIndex: number;
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
}

export type RouteType = 'unicast' | 'local' | 'broadcast' | 'blackhole' | 'unreachable' | 'other';

export interface KernelRoute {
  readonly family: Family;
  /** `0.0.0.0/0` and `::/0` are the default routes. */
  readonly destination: string;
  readonly table: number;
  /** rtm_protocol; ours is `ROUTE_PROTOCOL`. */
  readonly protocol: number;
  readonly type: RouteType;
  readonly metric?: number;
  readonly gateway?: string;
  readonly deviceIndex?: number;
  readonly nexthopId?: number;
  /** RTA_PREFSRC. */
  readonly source?: string;
  /** The tos this route is for; absent means any. */
  readonly tos?: number;
  /** RTA_MULTIPATH, only told: what we install spreads by nexthop groups. Device and gateway are then absent. */
  readonly paths?: readonly RoutePath[];
}

export interface RoutePath {
  readonly deviceIndex: number;
  readonly gateway?: string;
  /** 1 to 256. */
  readonly weight: number;
}

export interface KernelRule {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  readonly protocol?: number;
  /** Source prefix, such as `10.91.1.2/32`. */
  readonly from?: string;
  readonly to?: string;
  readonly fwmark?: number;
}

export interface KernelNexthop {
  readonly id: number;
  readonly family: Family;
  readonly protocol: number;
  readonly blackhole?: boolean;
  readonly deviceIndex?: number;
  readonly gateway?: string;
  /** Present for a group; then device and gateway are absent. */
  readonly group?: readonly NexthopMember[];
}

export interface NexthopMember {
  readonly id: number;
  /** 1 to 256. */
  readonly weight: number;
}

export interface KernelNeighbour {
  readonly deviceIndex: number;
  readonly family: Family;
  readonly address: string;
  readonly hardwareAddress?: string;
  readonly state: number;
}

/**
 * rtm_protocol of everything this agent installs, so that a restart can adopt it and nobody else's is touched.
 * It lies beyond what rtnetlink.h and FRR (186 to 198) have taken: zebra sweeps routes of its own numbers at start.
 */
export const ROUTE_PROTOCOL = 213;

export type KernelEvent =
  | { readonly type: 'linkChanged'; readonly link: KernelLink }
  | { readonly type: 'linkRemoved'; readonly index: number; readonly name: string }
  | { readonly type: 'addressAdded'; readonly address: KernelAddress }
  | { readonly type: 'addressRemoved'; readonly address: KernelAddress }
  /** `replaces`: it took the place of one with the same destination, table and metric, which is not told. */
  | { readonly type: 'routeAdded'; readonly route: KernelRoute; readonly replaces?: true }
  | { readonly type: 'routeRemoved'; readonly route: KernelRoute }
  | { readonly type: 'ruleAdded'; readonly rule: KernelRule }
  | { readonly type: 'ruleRemoved'; readonly rule: KernelRule }
  | { readonly type: 'nexthopAdded'; readonly nexthop: KernelNexthop }
  | { readonly type: 'nexthopRemoved'; readonly id: number }
  | { readonly type: 'neighbourChanged'; readonly neighbour: KernelNeighbour }
  | { readonly type: 'neighbourRemoved'; readonly neighbour: KernelNeighbour }
  /** The socket overran: events were lost and what follows is a fresh, complete view. */
  | { readonly type: 'overrun' };

/** What an exact picture tells: there is no gap in it. */
export type KernelChange = Exclude<KernelEvent, { readonly type: 'overrun' }>;
