/**
 * Everything a check judges, as plain data: what the agent says of itself, what the kernel says, and what a few
 * probes brought back. A fact that could not be had is absent; it is never made up.
 */
import type {
  KernelAddress,
  KernelLink,
  KernelNeighbour,
  KernelNexthop,
  KernelRoute,
} from '../../../firmware-shim/kernel/types.ts';
import type { GatewayAddress } from '../../model/config.ts';
import type { AgentSnapshot } from '../../model/snapshot.ts';
import type { Uplink, UplinkId } from '../../model/uplink.ts';

export interface CheckFacts {
  readonly wallMs: number;
  readonly agent: AgentFacts;
  /** What the configuration says; absent with the reason in `configProblem`. */
  readonly config?: ConfigFacts;
  readonly configProblem?: string;
  readonly kernel?: KernelFacts;
  readonly disk?: DiskFacts;
  readonly clock: ClockFacts;
  readonly probes: ProbeFacts;
  /** What only the cloud knows of the instance; absent on a box that nobody told. */
  readonly instance?: InstanceFacts;
}

export type AgentFacts =
  | { readonly answers: true; readonly snapshot: AgentSnapshot }
  | { readonly answers: false; readonly because: string; readonly stored?: StoredFacts };

/** What the state directory says while the agent is dead. */
export interface StoredFacts {
  readonly revision: number;
  readonly ccn?: string;
  readonly prefixes: readonly string[];
  readonly tunnels: readonly TunnelFacts[];
  readonly eventsWaiting: number;
}

export interface TunnelFacts {
  readonly id: string;
  readonly uplink: UplinkId;
  readonly deviceName: string;
  readonly innerLocal: string;
  readonly innerRemote: string;
  /** Largest inner packet that was planned. */
  readonly mtu?: number;
}

export interface ConfigFacts {
  readonly uplinks: readonly Uplink[];
  readonly gateways: readonly GatewayAddress[];
  readonly lanPrefixes: readonly string[];
}

export interface KernelFacts {
  readonly links: readonly KernelLink[];
  readonly addresses: readonly KernelAddress[];
  readonly routes: readonly KernelRoute[];
  readonly nexthops: readonly KernelNexthop[];
  readonly neighbours: readonly KernelNeighbour[];
  /** Packets and drops of each device since it was made. */
  readonly drops?: Readonly<Record<string, { readonly packets: number; readonly drops: number }>>;
}

export interface DiskFacts {
  readonly freeBytes: number;
  readonly usedPercent: number;
  /** A small file could be written to the state directory and read back; absent where we may not try. */
  readonly writes?: boolean;
}

export interface ClockFacts {
  /** The latest moment that is certainly past, and where that is known from. */
  readonly floorMs: number;
  readonly floorFrom: string;
  /** When the certificate of this device ends. */
  readonly certificateEndsMs?: number;
}

export type Answer =
  | { readonly ok: true; readonly afterMs: number; readonly lossPercent?: number }
  /** Code `ENOTOOL`: the program that asks is not installed. */
  | { readonly ok: false; readonly code: string; readonly text: string };

export interface ProbeFacts {
  /** Ping of each uplink's next hop. */
  readonly nextHops: Readonly<Record<UplinkId, Answer>>;
  /** A name asked for over each uplink. */
  readonly names: Readonly<Record<UplinkId, Answer & { readonly name: string }>>;
  /** Ping of a public address over each uplink. */
  readonly internet: Readonly<Record<UplinkId, Answer & { readonly target: string }>>;
  readonly tls: readonly TlsFact[];
  /** Pings of each tunnel's far end: small ones, and one as large as the tunnel promises. */
  readonly tunnels: Readonly<Record<string, { readonly small: Answer; readonly large?: Answer }>>;
  /** Pings of hosts behind the CCN. */
  readonly reach: readonly { readonly target: string; readonly answer: Answer }[];
}

export type ProbeKind = keyof ProbeFacts;

export interface TlsFact {
  readonly gateway: string;
  readonly uplink: UplinkId;
  readonly answer: Answer;
}

export interface InstanceFacts {
  readonly status?: 'Active' | 'Offline' | 'Ordered' | 'Other';
  readonly expiresInDays?: number;
  readonly ha?: 'fine' | 'flapping' | 'standby-offline';
  readonly cenGrant?: boolean;
  readonly acl?: 'none' | 'whitelist' | 'no-final-deny' | 'deny-all';
  readonly flowLog?: 'active' | 'none';
}

/** The tunnels that are meant to be, from whoever knows: the agent, or its state directory. */
export function tunnelsOf(agent: AgentFacts): readonly TunnelFacts[] {
  if (!agent.answers) return agent.stored?.tunnels ?? [];
  return agent.snapshot.fastPath.tunnels.map(
    ({ id, uplink, deviceName, innerLocal = '', innerRemote = '', quality }) => ({
      id,
      uplink,
      deviceName,
      innerLocal,
      innerRemote,
      ...(quality?.mtu !== undefined && { mtu: quality.mtu.ceiling }),
    }),
  );
}

/** What is desired, from the same: no revision means that no gateway has ever said. */
export function wantedOf(agent: AgentFacts): Pick<StoredFacts, 'revision' | 'ccn' | 'prefixes'> {
  if (agent.answers) return agent.snapshot.desired;
  return agent.stored ?? { revision: 0, prefixes: [] };
}

export function uplinksOf({ config, agent }: CheckFacts): readonly Uplink[] {
  if (config !== undefined) return config.uplinks;
  return agent.answers ? agent.snapshot.fastPath.uplinks : [];
}

/** The LAN as it is in force, where the agent says so: a document may have moved it. */
export function lanPrefixesOf(agent: AgentFacts, configured: readonly string[]): readonly string[] {
  const routes = agent.answers ? (agent.snapshot.desired.routes ?? []) : [];
  const own = routes.filter(
    ({ sourceType, nextHop }) => sourceType === 'local' && nextHop === undefined,
  );
  return own.length === 0 ? configured : own.map(({ cidr }) => cidr);
}
