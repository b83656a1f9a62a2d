/**
 * The desired document: what the gateway wants of this device, as one whole.
 *
 * It is accepted whole or refused whole. `revision` only grows; the gateway keeps it as a retained message,
 * so a device that was away sees the latest at once.
 */
import type { CcnArea } from './area.ts';
import type { FastPathPolicy } from './fast-path.ts';
import type { DesiredIpsec } from './ipsec.ts';
import type { BfdTimers, EngineKind } from './tunnel.ts';

export interface DesiredDocument {
  readonly v: 1;
  readonly revision: number;
  /** Absent while the SAG is bound to no CCN. */
  readonly ccn?: { readonly id: string; readonly name: string; readonly area: CcnArea };
  readonly tunnels: readonly DesiredTunnel[];
  /** Prefixes the CCN publishes to this branch; empty while the CCN is bound to no CEN. */
  readonly prefixes: readonly string[];
  readonly policy?: Partial<FastPathPolicy>;
}

export interface DesiredTunnel {
  readonly id: string;
  readonly engine: EngineKind;
  readonly uplink: string;
  readonly gateway: string;
  readonly gatewayOrder: number;
  readonly remote: { readonly address: string; readonly port: number };
  /** WireGuard public key of the far end, base64; empty for IPsec. */
  readonly remotePublicKey: string;
  /** IPsec: identities, and credentials by name. What is secret lies on the device and never in a document. */
  readonly ipsec?: DesiredIpsec;
  readonly innerLocal: string;
  readonly innerRemote: string;
  readonly innerPrefixLength: number;
  readonly mtu: number;
  /** Absent: the profile of the uplink's kind. */
  readonly bfd?: BfdTimers;
}

/** Why something from outside was not accepted: a stable code, the place, and one sentence for a person. */
export interface Refusal {
  /** Such as `EPAYLOAD_JSON` or `EDESIRED_STALE`. */
  readonly code: string;
  /** JSON pointer (RFC 6901) into what was refused; empty for the whole. */
  readonly pointer: string;
  readonly sentence: string;
}
