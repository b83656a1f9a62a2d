/**
 * Tunnels: encapsulated paths over one uplink to a hub on an access gateway.
 */
import type { IpsecParameters } from './ipsec.ts';
import type { UplinkId } from './uplink.ts';

export type TunnelId = string;
export type EngineKind = 'wireguard' | 'ipsec';

/** How fast silence is noticed: RFC 5880 terms, negotiated with the far end. */
export interface BfdTimers {
  readonly desiredMinTxMs: number;
  readonly requiredMinRxMs: number;
  readonly detectMult: number;
}

/** Keyed SHA-1 of RFC 5880 section 6.7.4. Several keys are accepted, so that they roll over without a gap. */
export interface BfdAuthentication {
  readonly type: 'keyed-sha1' | 'meticulous-keyed-sha1';
  readonly keys: readonly BfdKey[];
  /** The key our packets are made with; one of the list. */
  readonly sendKeyId: number;
}

export interface BfdKey {
  /** 0 to 255. */
  readonly id: number;
  /** 1 to 20 bytes. */
  readonly secret: Uint8Array;
}

/** Which key pair of this device a WireGuard tunnel shows. */
export interface OwnKey {
  /** 1 is the first after the device's own; the device makes each when it is first named. */
  readonly generation: number;
  /** Its public half, once the far end accepts it; absent: it is made and told, and not shown yet. */
  readonly accepted?: string;
}

/** What an engine needs to make a tunnel exist. */
export interface TunnelSpec {
  readonly id: TunnelId;
  readonly engine: EngineKind;
  readonly uplink: UplinkId;
  /** Access gateway at the far end. */
  readonly gateway: string;
  /** Kernel device the engine creates; at most 15 characters, unique on this machine. */
  readonly deviceName: string;
  readonly listenPort: number;
  /** Marks the engine's own packets, so that policy routing keeps them on their uplink. */
  readonly fwmark: number;
  readonly remote: { readonly address: string; readonly port: number };
  /** WireGuard public key of the far end, base64; empty for IPsec. */
  readonly remotePublicKey: string;
  /** WireGuard: accepted besides, and used from the moment the far end shows it. */
  readonly nextRemotePublicKey?: string;
  /** WireGuard; absent: the key pair the device has for everything. */
  readonly ownKey?: OwnKey;
  /** Present for IPsec. */
  readonly ipsec?: IpsecParameters;
  readonly innerLocal: string;
  readonly innerRemote: string;
  readonly innerPrefixLength: number;
  readonly mtu: number;
}

/** What the fast path needs to watch and choose a tunnel. */
export interface TunnelPlan {
  readonly id: TunnelId;
  readonly uplink: UplinkId;
  readonly gateway: string;
  readonly deviceName: string;
  readonly innerLocal: string;
  readonly innerRemote: string;
  readonly bfd: BfdTimers;
  /** In force instead of `bfd` while traffic proves the tunnel alive; absent: the same at all times. */
  readonly bfdWhileBusy?: BfdTimers;
  /** Absent: packets carry no authentication and such that do are discarded. */
  readonly bfdAuthentication?: BfdAuthentication;
  /** Order among gateways of one uplink; lower is nearer. */
  readonly gatewayOrder: number;
  /** Connection mark of the flows that began on it; absent: flows are not told apart. */
  readonly flowMark?: number;
}

export type TunnelState =
  /** The engine's device does not exist (yet, or any more). */
  | 'absent'
  /** The device exists; the session is not Up. */
  | 'establishing'
  /** The session is Up: the tunnel may carry traffic. */
  | 'up'
  | 'down';
