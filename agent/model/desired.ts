/**
 * The desired document: what the gateway wants of this device, as one whole.
 *
 * It is accepted whole or refused whole. `revision` only grows; the gateway keeps it as a retained message,
 * so a device that was away sees the latest at once.
 */
import type { DesiredAccessPoints } from './access-point.ts';
import type { CcnArea } from './area.ts';
import type { DesiredRoute } from './branch-route.ts';
import type { EndToEndTarget } from './end-to-end.ts';
import type { FastPathPolicy } from './fast-path.ts';
import type { DesiredHa } from './ha.ts';
import type { HealthCheck } from './health-check.ts';
import type { DesiredIpsec } from './ipsec.ts';
import type { DesiredLanPort } from './lan.ts';
import type { DesiredLogLevel } from './log-level.ts';
import type { TrafficPolicy } from './traffic-policy.ts';
import type { BfdTimers, EngineKind, OwnKey } from './tunnel.ts';
import type { Isp } from './uplink.ts';

export interface DesiredDocument {
  readonly v: 1;
  readonly revision: number;
  /** From its first step to its proof; absent: 90 s. Shorter for what an operator expects to cut the device off. */
  readonly confirmWithinS?: number;
  /** Absent while the SAG is bound to no CCN. */
  readonly ccn?: { readonly id: string; readonly name: string; readonly area: CcnArea };
  /** What the cloud sets of uplinks this device has (ModifySagWan); others stay as they are configured. */
  readonly uplinks?: readonly DesiredUplink[];
  /** What the cloud sets of LAN ports this device has (ModifySagLan); others stay as they are configured. */
  readonly lan?: readonly DesiredLanPort[];
  readonly tunnels: readonly DesiredTunnel[];
  /** Prefixes the CCN publishes to this branch; empty while the CCN is bound to no CEN. */
  readonly prefixes: readonly string[];
  /** Absent: the only device of its SAG instance. */
  readonly ha?: DesiredHa;
  /** Of the branch: which CIDRs it has and which of them the CCN is told of; a LAN prefix not listed is published. */
  readonly routes?: readonly DesiredRoute[];
  readonly policy?: Partial<FastPathPolicy>;
  /** Without its gateway for longer the device locks itself (SAG `SecurityLockThreshold`); 0 or absent: never. */
  readonly securityLockThresholdS?: number;
  /** `Arrearage` stops user traffic until a later document says otherwise. */
  readonly businessState?: 'Normal' | 'Arrearage';
  /** What is probed through the active tunnel to know whether the branch reaches the far side. */
  readonly endToEnd?: EndToEndTarget;
  /** ACL, SNAT and QoS of what the branch forwards; absent: all of it passes as it is. */
  readonly traffic?: TrafficPolicy;
  /** Instead of the configured one, until its time or `LOG_LEVEL_S_MAX` at most. */
  readonly logLevel?: DesiredLogLevel;
  /** By ids of the configured gateways; absent: all of this device's area, the nearest first. */
  readonly accessPoints?: DesiredAccessPoints;
  /** Hosts that shall answer; what depends on their answers names a check by its id. */
  readonly healthChecks?: readonly HealthCheck[];
}

/** Each field that is absent is as configured. */
export interface DesiredUplink {
  readonly id: string;
  /** -1 never forwards, 1 (best) to 50; of an LTE uplink it is fixed. */
  readonly priority?: number;
  readonly weight?: number;
  readonly isp?: Isp;
  /** Next hop of the uplink's own default route. */
  readonly gateway?: string;
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
  /** WireGuard: accepted besides, before the far end shows it. */
  readonly nextRemotePublicKey?: string;
  /** WireGuard: another key pair than the device's own, turned to in stages. */
  readonly ownKey?: OwnKey;
  /** IPsec: identities, and credentials by name. What is secret lies on the device and never in a document. */
  readonly ipsec?: DesiredIpsec;
  readonly innerLocal: string;
  readonly innerRemote: string;
  readonly innerPrefixLength: number;
  readonly mtu: number;
  /** Absent: the profile of the uplink's kind. */
  readonly bfd?: BfdTimers;
}

/** Documents with one revision and another hash are a fork: two hands write them. */
export interface HashedDocument {
  readonly document: DesiredDocument;
  /** SHA-256 of the canonical text, hexadecimal. */
  readonly hash: string;
}

/** What stays on the disk of a document that has not proved itself. */
export interface TrialRecord {
  readonly v: 1;
  /** `trial`: a start that reads this was an interruption; `undone`: not tried again until the document changes. */
  readonly state: 'trial' | 'undone';
  readonly revision: number;
  readonly hash: string;
  /** Starts of the agent that met it unconfirmed. */
  readonly interruptions: number;
  /** Why it was undone. */
  readonly code?: string;
  readonly pointer?: string;
}

/** Why something from outside was not accepted: a stable code, the place, and one sentence for a person. */
export interface Refusal {
  /** Such as `EPAYLOAD_JSON` or `EDESIRED_STALE`. */
  readonly code: string;
  /** JSON pointer (RFC 6901) into what was refused; empty for the whole. */
  readonly pointer: string;
  readonly sentence: string;
}
