/**
 * The LAN side of the box: its ports as they are configured, and what the cloud sets of them (ModifySagLan).
 */

/** A LAN port this box has; its addresses are the agent's to keep. */
export interface LanPort {
  readonly id: string;
  readonly deviceName: string;
  /** With its length, such as 192.168.10.1/24: what the port has while no document says otherwise. */
  readonly address: string;
}

export const IP_TYPES = ['DHCP', 'STATIC'] as const;
/** Minutes of a lease. */
export const LEASE_MINUTES = { least: 1, most: 43_200 } as const;
/** Ports of the largest box. */
export const LAN_PORTS_MAX = 16;
/** Narrower networks have no room for a router and a host, wider ones swallow the Internet. */
export const LAN_LENGTH = { least: 8, most: 30 } as const;

export interface DesiredLanPort {
  readonly id: string;
  /** `DHCP`: hosts of this port get their addresses from the box; `STATIC`: they have their own. */
  readonly ipType: (typeof IP_TYPES)[number];
  /** IPv4, with its length. */
  readonly address: string;
  /** What is given out; with `DHCP` and only with it. */
  readonly dhcp?: DhcpRange;
}

export interface DhcpRange {
  /** The first and the last address. */
  readonly from: string;
  readonly to: string;
  readonly leaseMinutes: number;
  /** Told to the hosts; the box itself answers no DNS. */
  readonly nameServers?: readonly string[];
}

/** Some hosts take no more. */
export const NAME_SERVERS_MAX = 3;

/** What one device gives out. */
export interface DhcpServer extends DhcpRange {
  readonly deviceName: string;
  readonly prefixLength: number;
}
