/**
 * What a person may see of the running agent: plain JSON, the only thing `sagctl`, the page and the demo's
 * view show. Times are monotonic milliseconds unless the name says otherwise.
 */
import type { HostMetrics } from '../../firmware-shim/host/host-metrics.ts';
import type { KernelCounters } from '../../firmware-shim/kernel/kernel-counters.ts';
import type { BoardReport, Hello } from '../../firmware-shim/wire/messages.ts';
import type { RouteDistribution } from './branch-route.ts';
import type { DataStop } from './data-stop.ts';
import type { CandidateRecord, DecisionRecord, TunnelShare } from './decision.ts';
import type { EngineTunnelStatus } from './engine-status.ts';
import type { GatewayNameSnapshot } from './gateway-name.ts';
import type { DesiredHa } from './ha.ts';
import type { HealthCheckSnapshot } from './health-check.ts';
import type { SagMetrics } from './host-metrics.ts';
import type { Note } from './note.ts';
import type { UplinkProbes } from './probe-budget.ts';
import type { PathQualityFigures } from './quality.ts';
import type { SetAsideCounts } from './restart.ts';
import type { EventLosses } from './sag-event.ts';
import type { RuleResult } from './traffic-policy.ts';
import type { TunnelId, TunnelState } from './tunnel.ts';
import type { ActiveTunnelChange } from './tunnel-change.ts';
import type { Uplink, UplinkVerdict } from './uplink.ts';
import type { WanSnapshot } from './wan.ts';

export interface AgentSnapshot {
  readonly nowMs: number;
  readonly agent: {
    readonly version: string;
    readonly bootId: string;
    readonly startedAtMs: number;
    readonly area: string;
    readonly fastPathScheduling: string;
  };
  readonly board: BoardSnapshot;
  /** Absent until the host has been looked at. */
  readonly host?: HostSnapshot;
  /** Absent while this device has a certificate, or needs none of its own. */
  readonly enrolment?: EnrolmentSnapshot;
  readonly registration: RegistrationSnapshot;
  /** What is behind the names of gateways; absent where none was needed yet. */
  readonly gatewayNames?: readonly GatewayNameSnapshot[];
  readonly endToEnd?: EndToEndSnapshot;
  /** Those of the document in force. */
  readonly healthChecks?: readonly HealthCheckSnapshot[];
  readonly desired: DesiredSnapshot;
  /** How uplinks get their addresses; absent from an agent that cannot be told. */
  readonly wan?: WanSnapshot;
  readonly outbox: {
    readonly pending: number;
    /** All of `losses`. */
    readonly dropped: number;
    readonly losses: EventLosses;
  };
  readonly fastPath: FastPathSnapshot;
  /** Of the control thread's sockets to the kernel; absent where there are none. */
  readonly netlink?: KernelCounters;
  /** The newest notes, oldest first, bounded. */
  readonly notes: readonly TimedNote[];
}

export interface TimedNote {
  readonly atMs: number;
  readonly wallMs: number;
  readonly note: Note;
}

export interface BoardSnapshot {
  readonly state: 'up' | 'lost';
  readonly sinceMs: number;
  readonly hello?: Hello;
  /** The last report of each kind (and port). */
  readonly reports: readonly BoardReport[];
}

/** The last look at the host; what is unknown is absent. */
export interface HostSnapshot
  extends Pick<HostMetrics, 'atMs' | 'uptimeS' | 'temperatures' | 'problems'> {
  /** Under their published names. */
  readonly metrics: SagMetrics;
}

/** A device without a valid certificate asks for one, for as long as it takes. */
export interface EnrolmentSnapshot {
  readonly state:
    | 'awaitingBoard'
    | 'preparing'
    | 'connecting'
    | 'asking'
    | 'proving'
    | 'claiming'
    | 'keeping'
    | 'waiting'
    | 'enrolled';
  /** Of this state. */
  readonly sinceMs: number;
  readonly attempts: number;
  /** Once the board has told it. */
  readonly serialNumber?: string;
  readonly gateway?: string;
  readonly lastError?: { readonly code: string; readonly text: string };
  readonly retryAtMs?: number;
}

export interface RegistrationSnapshot {
  readonly state: 'idle' | 'connecting' | 'registering' | 'registered' | 'waiting';
  readonly gateway?: string;
  readonly area?: string;
  readonly overUplink?: string;
  readonly sinceMs: number;
  readonly attempts: number;
  readonly lastError?: { readonly code: string; readonly text: string };
  readonly retryAtMs?: number;
  /** The access points of this area, the nearest first. */
  readonly accessPoints?: readonly AccessPointSnapshot[];
}

/** In the words of ListAccessPointNetworkQualities: round trip and loss; absent until measured. */
export interface AccessPointSnapshot {
  readonly id: string;
  readonly role: 'nearest' | 'standby' | 'candidate';
  readonly rttMs?: number;
  readonly lossPercent?: number;
}

/** Whether the branch reaches the far side, by probes of its own. `Unknown` until one was answered or given up. */
export interface EndToEndSnapshot {
  readonly state: 'Normal' | 'Abnormal' | 'Unknown';
  readonly target?: string;
  readonly rttMs?: number;
  readonly because?: string;
}

export interface DesiredSnapshot {
  readonly revision: number;
  readonly ccn?: string;
  readonly ha?: DesiredHa;
  readonly prefixes: readonly string[];
  readonly pendingSteps: readonly string[];
  readonly refused?: { readonly revision: number; readonly code: string; readonly pointer: string };
  /** Absent in an ordinary run. */
  readonly safeMode?: SafeModeSnapshot;
  /** In force, and undone then unless it proves itself. */
  readonly trial?: { readonly revision: number; readonly untilMs: number };
  /** Routes of both directions, once a document is in force. */
  readonly routes?: readonly RouteDistribution[];
  /** Of each ACL, SNAT and QoS rule, once the kernel has answered. */
  readonly rules?: readonly RuleResult[];
  /** What liveness costs on each uplink, and what it buys. */
  readonly probes?: readonly UplinkProbes[];
}

/** The agent crashed too often in a row and runs without what may have been the reason. */
export interface SafeModeSnapshot {
  readonly mode: 'safe' | 'bare';
  readonly crashes: number;
  readonly setAside: SetAsideCounts;
  readonly untilMs?: number;
}

export interface FastPathSnapshot {
  readonly nowMs: number;
  readonly uplinks: readonly (Uplink & { readonly verdict: UplinkVerdict })[];
  readonly tunnels: readonly TunnelSnapshot[];
  readonly active?: TunnelId;
  /** Why the active tunnel is the active one, and why each other is not. */
  readonly choice: ChoiceSnapshot;
  /** The last decisions with all that was known, newest last, bounded. */
  readonly decisions?: readonly DecisionRecord[];
  /** Shares of all that carry traffic, when more than one does. */
  readonly members?: readonly TunnelShare[];
  /** Flows that began on a backup and are still on it although traffic has returned; absent when there are none. */
  readonly stranded?: readonly StrandedFlows[];
  /** The last changes, newest last, bounded. */
  readonly changes: readonly ActiveTunnelChange[];
  readonly routes: {
    readonly table: number;
    readonly prefixes: readonly string[];
    readonly installed: boolean;
    readonly via: string;
    /** User traffic is stopped on purpose. */
    readonly stop?: DataStop;
    /** Published prefixes that are not routed, with the reason. */
    readonly refused?: readonly { readonly prefix: string; readonly because: string }[];
    /** Routes to next hops in the LAN; absent when there are none. */
    readonly lan?: readonly LanRouteSnapshot[];
  };
  /** Of its own sockets to the kernel; absent where there are none. */
  readonly netlink?: KernelCounters;
}

export interface LanRouteSnapshot {
  readonly cidr: string;
  readonly nextHop: string;
  readonly installed: boolean;
  /** Why it is not wanted in the kernel at present. */
  readonly because?: string;
}

export interface StrandedFlows {
  readonly tunnel: TunnelId;
  /** After this they are moved. */
  readonly leftMs: number;
  /** Absent where the kernel does not tell. */
  readonly flows?: number;
}

export interface ChoiceSnapshot {
  readonly because: string;
  /** The rule that decided, as one word. */
  readonly rule?: string;
  readonly candidates: readonly CandidateRecord[];
}

/** What its engine said of a tunnel when it was last asked. */
export interface EngineFigures
  extends Pick<EngineTunnelStatus, 'kind' | 'rxBytes' | 'txBytes' | 'endpoint' | 'security'> {
  readonly readAtMs: number;
  /** Age of the session keys at that moment; absent until the ends have shaken hands. */
  readonly handshakeAgeMs?: number;
}

export interface TunnelSnapshot {
  readonly id: TunnelId;
  readonly uplink: string;
  readonly gateway: string;
  readonly deviceName: string;
  /** Addresses inside; of the far end, the one that answers pings and probes. */
  readonly innerLocal?: string;
  readonly innerRemote?: string;
  readonly state: TunnelState;
  readonly sinceMs: number;
  readonly session: {
    readonly state: string;
    readonly remoteState: string;
    readonly detectMs: number;
    readonly lastPacketAgoMs?: number;
    readonly rxPackets: number;
    readonly txPackets: number;
    readonly discarded: Readonly<Record<string, number>>;
    /** Ours at present: raised where loss would make the profile's lie. */
    readonly detectMult?: number;
    /** Of the far end's packets, 0 to 1; absent until enough were expected. */
    readonly lossRatio?: number;
    /** How often that loss alone takes the session Down. */
    readonly falseDown?: { readonly meanMsBetween?: number; readonly sentence: string };
  };
  /** Absent until the engine has been asked. */
  readonly engine?: EngineFigures;
  /** What the probes inside tell; figures are absent while nothing is measured. */
  readonly quality?: Partial<PathQualityFigures> & {
    readonly intervalMs?: number;
    readonly discarded: number;
    readonly mtu?: { readonly mtu: number; readonly known: boolean; readonly ceiling: number };
  };
}
