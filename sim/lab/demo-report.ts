/**
 * `demo.json`: what one run measured, and whether it is what the product promises.
 */
export interface DemoReport {
  readonly mode: 'real' | 'simulated';
  readonly registered: {
    readonly area: string;
    readonly gateway: string;
    /** From the start of the agent's process to its birth being stored. */
    readonly afterMs: number;
  };
  readonly board: {
    readonly model: string;
    readonly serialNumber: string;
    readonly ports: number;
  };
  /** Before anything is broken. */
  readonly reach: { readonly pingsSent: number; readonly pingsLost: number };
  readonly failovers: readonly FailoverFigures[];
  /** Names of the SAG events the gateway has stored, in their order. */
  readonly gatewayStored: readonly string[];
  readonly crossArea: {
    readonly refused: boolean;
    readonly code: string;
    readonly message: string;
  };
  readonly engine?: string;
  /** How the agent's fast-path thread is scheduled. */
  readonly scheduling?: string;
  readonly enclosure?: string;
  readonly recovery?: readonly RecoveryFigures[];
  /** What did not hold; empty in a good run. */
  readonly failed: readonly string[];
}

export interface FailoverFigures {
  readonly cause: 'carrier' | 'blackhole';
  /** From the cut to the agent's evidence. */
  readonly detectMs: number;
  readonly decideMs: number;
  readonly installMs: number;
  readonly trafficGapMs: number;
  readonly because: string;
  readonly from?: string;
  readonly to?: string;
  /** The worst case of the session's timers: multiplier times interval. */
  readonly detectBoundMs?: number;
  /** How late this machine woke its processes meanwhile, at worst. */
  readonly machineLateMs?: number;
  /** Packets the black hole swallowed, counted by the kernel. */
  readonly swallowedPackets?: number;
}

export interface RecoveryFigures {
  readonly after: 'carrier' | 'blackhole';
  /** From the repair to traffic being back on the better uplink. */
  readonly failbackMs: number;
  readonly trafficGapMs: number;
}

/** What the gateway must have on record after the story. */
const EVENTS_EXPECTED = [
  'DeviceOnline',
  'DeviceWanLinkDown',
  'AccessGatewayFailover',
  'DeviceWanLinkUp',
];

/** How long traffic may stand still on a machine that wakes processes in time. */
const GAP_MS_MAX = { carrier: 100, blackhole: 300 } as const;
/** A packet's way there and back wakes a process at each end. */
const LATENESS_FACTOR = 2;

/** Everything of the story that did not hold, as sentences. */
export function judge(report: DemoReport): string[] {
  const failed: string[] = [];
  const must = (held: boolean, sentence: string): void => {
    if (!held) failed.push(sentence);
  };
  must(report.registered.gateway !== '', 'the agent registered with no gateway');
  must(report.board.ports > 0, 'the board named no ports');
  must(report.reach.pingsSent > 0, 'no ping was sent');
  must(report.reach.pingsLost === 0, `${report.reach.pingsLost} pings lost before any fault`);
  for (const cause of ['carrier', 'blackhole'] as const) {
    const figures = report.failovers.find((failover) => failover.cause === cause);
    must(figures !== undefined, `no failover was recorded for the ${cause} case`);
    if (figures === undefined) continue;
    const boundMs = GAP_MS_MAX[cause] + LATENESS_FACTOR * (figures.machineLateMs ?? 0);
    must(
      figures.trafficGapMs < boundMs,
      `${cause}: traffic stood still for ${figures.trafficGapMs} ms, the bound is ${boundMs} ms`,
    );
  }
  for (const event of EVENTS_EXPECTED)
    must(report.gatewayStored.includes(event), `the gateway has not stored ${event}`);
  must(report.crossArea.refused, 'a CEN of another area was bound');
  return failed;
}
