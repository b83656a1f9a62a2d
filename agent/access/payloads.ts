/**
 * What is inside the messages between device and gateway. Everything is JSON in UTF-8 with a `v` field.
 */

import type { SagDiagnosisReport } from '../diag/check/sag-report.ts';
import type { CcnArea } from '../model/area.ts';
import type { RouteDistribution } from '../model/branch-route.ts';
import type { DataStop } from '../model/data-stop.ts';
import type { HaState } from '../model/ha.ts';
import type { HealthFigures, HealthStatuses } from '../model/health-check.ts';
import type { IdentityResult } from '../model/identity-result.ts';
import type { NoteLevel } from '../model/note.ts';
import type { SetAsideCounts } from '../model/restart.ts';
import type { EventLosses, SagEvent } from '../model/sag-event.ts';
import type { RuleResult } from '../model/traffic-policy.ts';
import type { UplinkKind, UplinkVerdict } from '../model/uplink.ts';

/** Published on every connect, retained. `bdSeq` (Sparkplug B) grows by one per CONNECT and wraps after 255. */
export interface Birth {
  readonly v: 1;
  readonly state: 'online';
  readonly bdSeq: number;
  readonly bootId: string;
  readonly serialNumber: string;
  readonly model: string;
  readonly hardwareRevision: string;
  readonly firmwareVersion: string;
  readonly agentVersion: string;
  readonly area: CcnArea;
  /** WireGuard public key of this device, base64; empty while it has no engine, and then changes nothing. */
  readonly tunnelPublicKey: string;
  /** Those that may carry tunnels: a management-only uplink is nobody's business but the device's. */
  readonly uplinks: readonly { readonly id: string; readonly kind: UplinkKind }[];
  readonly host: Readonly<Record<string, string>>;
}

/** The will. Counts only when its `bdSeq` is that of the birth in force. */
export interface Death {
  readonly v: 1;
  readonly state: 'offline';
  readonly bdSeq: number;
  readonly bootId: string;
  /** `lost` as the will, `bye` when the device said it itself. */
  readonly why: 'lost' | 'bye';
}

export interface LinkReport {
  readonly v: 1;
  readonly uplink: string;
  readonly verdict: UplinkVerdict;
  readonly wallMs: number;
}

/** Metrics of one class, under the names of CloudMonitor, namespace `acs_smartag`. What is unknown is absent. */
export interface TelemetryMessage {
  readonly v: 1;
  readonly class: 'host' | 'link' | 'probe';
  readonly bootId: string;
  readonly seq: number;
  readonly atMs: number;
  readonly wallMs: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Of the probes of each health check since the last message; in class `probe`. */
  readonly healthChecks?: HealthFigures;
}

/** `ControllerState`, `VpnState` are the SAG API's two truths (DescribeSAGDeviceInfo), never one. */
export interface Reported {
  readonly v: 1;
  readonly revision: number;
  readonly controllerState: 'Normal' | 'Abnormal';
  readonly vpnState: 'Normal' | 'Abnormal';
  /** The role the document gives; absent where it says nothing of one. */
  readonly haState?: HaState;
  /** Whether a probe of its own reaches the far side; no reading of the other two. */
  readonly endToEndState: 'Normal' | 'Abnormal' | 'Unknown';
  readonly activeTunnel?: string;
  readonly tunnels: Readonly<Record<string, string>>;
  /** Events that were never told since the start, by reason; absent while there are none. */
  readonly losses?: EventLosses;
  readonly refused?: { readonly revision: number; readonly code: string; readonly pointer: string };
  /** A revision in force that has not proved itself yet. */
  readonly trial?: number;
  /** User traffic is stopped on purpose; whatever else is well. */
  readonly dataStop?: DataStop;
  /** The agent crashed too often in a row: what was being worked on is set aside, unread. */
  readonly safeMode?: SetAsideCounts & { readonly mode: 'safe' | 'bare'; readonly crashes: number };
  /** What became of each ACL, SNAT and QoS rule of the document in force, once the kernel has answered. */
  readonly rules?: readonly RuleResult[];
  /** Of each health check of the document in force; absent while there is none. */
  readonly healthChecks?: HealthStatuses;
  /** What became of the identity each tunnel was turned to, or is going to be, in this run. */
  readonly identities?: readonly IdentityResult[];
}

/** What of the branch the CCN may route back to it, and what of the CCN the branch cannot take. */
export interface RoutesMessage {
  readonly v: 1;
  readonly revision: number;
  /** Of all of them: of two devices that publish one CIDR the cheaper is taken. */
  readonly cost: number;
  readonly routes: readonly RouteDistribution[];
}

/** The last quick diagnosis, as the SAG API shows it. */
export interface DiagnosisMessage {
  readonly v: 1;
  readonly report: SagDiagnosisReport;
}

/** Said by the device to itself through the gateway: what comes back shows that the gateway is reached. */
export interface Confirm {
  readonly v: 1;
  readonly revision: number;
  readonly nonce: string;
}

export type EventMessage = SagEvent & { readonly v: 1 } & {
  readonly statusCode: string;
  readonly level: string;
  readonly type: string;
};

interface AnyCommand {
  readonly v: 1;
  readonly id: string;
  /** Wall time after which it must not run; at most five minutes ahead. */
  readonly expiresAtMs: number;
  /** No two commands of an issuer have the same. */
  readonly nonce?: string;
  /** Ed25519 by the issuer, base64. */
  readonly signature?: string;
}

export type Command = AnyCommand &
  (
    | { readonly verb: 'switchActiveTunnel'; readonly tunnel: string }
    /** UpdateSmartAGAccessPoint. */
    | { readonly verb: 'switchAccessPoint'; readonly accessPoint: string }
    /** ProbeAccessPointNetworkQuality. */
    | { readonly verb: 'probeAccessPoints' }
    /** DiagnoseSmartAccessGateway; the id of the command is the `DiagnoseId` of its report. */
    | { readonly verb: 'startDiagnosis' }
    /** Other session keys for one tunnel, now. */
    | { readonly verb: 'rekeyTunnel'; readonly tunnel: string }
    /** UnlockSmartAccessGateway. */
    | { readonly verb: 'unlock' }
    /** Every lamp blinks, so that somebody finds the box; 0 ends it. */
    | { readonly verb: 'blink'; readonly durationS: number }
    /** Then the level of the configuration returns. */
    | { readonly verb: 'setLogLevel'; readonly level: NoteLevel; readonly durationS: number }
    /** RebootSmartAccessGateway: the whole machine; done when the next start tells of it. */
    | { readonly verb: 'reboot' }
  );

/** The states of a SAG task (DescribeSagWanList, TaskStates), published spelling. */
export type TaskState =
  | 'Initialized'
  | 'Processing'
  | 'Succeed'
  | 'Offline'
  | 'OfflineNotConfiged'
  | 'VersionNotSupport'
  | 'BuildRequestError'
  | 'HardwareError'
  | 'TaskNotExist';

export interface CommandStatus {
  readonly v: 1;
  readonly id: string;
  readonly state: TaskState;
  readonly errorCode: string;
  readonly errorMessage: string;
}

/** Names of the user properties a gateway puts into its CONNACK. */
export const CONNACK_PROPERTIES = {
  /** The CCN area this gateway serves. */
  area: 'ccn-area',
  gateway: 'gateway-id',
  /** Milliseconds over which a fleet should spread its returns. */
  spreadMs: 'spread-ms',
  /** Its wall time, in milliseconds since 1970. */
  timeMs: 'time-ms',
} as const;

/** Largest payload either side accepts, in bytes; also the gateway's Maximum Packet Size. */
export const PAYLOAD_BYTES_MAX = 64 * 1024;
