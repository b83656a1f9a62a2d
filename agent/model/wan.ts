/**
 * How the uplinks of this box get their addresses, as somebody at the box has set it: the WAN page that a SAG serves on its LAN side.
 *
 * The words are those of DescribeSagWanList (`IPType`). An uplink without a setting is as the system has it and is left alone.
 */
import type { UplinkId } from './uplink.ts';

export type WanSetting =
  | { readonly uplink: UplinkId; readonly ipType: 'DHCP' }
  | ({ readonly uplink: UplinkId; readonly ipType: 'STATIC' } & WanAddress & {
        readonly gateway: string;
        readonly nameServers: readonly string[];
      })
  | {
      readonly uplink: UplinkId;
      readonly ipType: 'PPPOE';
      readonly user: string;
      readonly password: string;
    };

export interface WanAddress {
  readonly address: string;
  readonly prefixLength: number;
}

/** What an uplink had before anything was set here: it gets it back. */
export interface WanFound {
  readonly uplink: UplinkId;
  readonly addresses: readonly WanAddress[];
}

/** What the disk keeps: only settings that have proved themselves. */
export interface WanRecord {
  readonly v: 1;
  readonly settings: readonly WanSetting[];
  readonly found: readonly WanFound[];
}

export type WanAsk =
  | { readonly do: 'set'; readonly setting: WanSetting }
  /** Back to what the system had. */
  | { readonly do: 'release'; readonly uplink: UplinkId }
  /** A person says that the setting on trial is right, or is not. */
  | { readonly do: 'keep' }
  | { readonly do: 'undo' };

export interface WanAnswer {
  readonly ok: boolean;
  readonly code?: string;
  readonly because: string;
}

/** Out of the box over an uplink that was set up here, from the address it has got. */
export interface WanPath {
  readonly uplink: UplinkId;
  readonly sourceAddress: string;
}

/** What a DHCP server or a PPP peer gave. */
export interface WanLease extends WanAddress {
  readonly gateway: string;
  readonly nameServers: readonly string[];
}

/** What a client that gets addresses shall do. */
export type WanClient =
  | { readonly uplink: UplinkId; readonly deviceName: string; readonly ipType: 'DHCP' }
  | {
      readonly uplink: UplinkId;
      readonly deviceName: string;
      readonly ipType: 'PPPOE';
      /** The device that it makes. */
      readonly pppName: string;
      readonly user: string;
      readonly password: string;
    };

/** What a setting means for one uplink now. */
export interface WanLine {
  readonly uplink: UplinkId;
  /** The device of the cable; it is taken up. */
  readonly cable: string;
  /** Where packets go, when it is not the cable itself. */
  readonly deviceName?: string;
  readonly gateway?: string;
  /** All that the cable's device shall have; absent: not ours to say. */
  readonly addresses?: readonly WanAddress[];
}

export interface WanSnapshot {
  readonly uplinks: readonly WanUplinkSnapshot[];
  readonly trial?: { readonly uplink: UplinkId; readonly untilMs: number; readonly lacks: string };
  /** How the last trial of this run ended. */
  readonly last?: { readonly uplink: UplinkId; readonly ok: boolean; readonly because: string };
}

/** A setting without its password, and what came of it. */
export interface WanUplinkSnapshot {
  readonly uplink: UplinkId;
  readonly ipType: WanSetting['ipType'] | 'AS_FOUND';
  readonly address?: string;
  readonly gateway?: string;
  readonly nameServers?: readonly string[];
  readonly user?: string;
  /** What its client complains of. */
  readonly trouble?: string;
}
