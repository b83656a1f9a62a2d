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
  /** Order among gateways of one uplink; lower is nearer. */
  readonly gatewayOrder: number;
}

export type TunnelState =
  /** The engine's device does not exist (yet, or any more). */
  | 'absent'
  /** The device exists; the session is not Up. */
  | 'establishing'
  /** The session is Up: the tunnel may carry traffic. */
  | 'up'
  | 'down';
