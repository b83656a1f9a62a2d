/**
 * `fail-static.json`: what one run of that story measured, and whether it is what the product promises.
 */
export interface FailStaticReport {
  readonly engine: string;
  /** The agent's process was killed while traffic flowed, and started again. */
  readonly killed: {
    readonly withoutAgentMs: number;
    readonly pingsSent: number;
    readonly pingsLost: number;
    readonly longestGapMs: number;
    /** How late this machine woke its processes meanwhile, at worst. */
    readonly machineLateMs: number;
    readonly tunnels: readonly AdoptedTunnel[];
  };
  /** An uplink got another address. */
  readonly moved: {
    readonly address: string;
    /** Where the hubs then saw the branch's ends. */
    readonly hubsSee: readonly string[];
    readonly homedMs: number;
    readonly longestGapMs: number;
  };
  readonly allDown: readonly AllDownFigures[];
  /** Names of the SAG events the gateway has stored, in their order. */
  readonly gatewayStored: readonly string[];
}

export interface AdoptedTunnel {
  readonly tunnel: string;
  readonly kind: string;
  /** The session keys are those of before. */
  readonly isSame: boolean;
}

export interface AllDownFigures {
  readonly policy: 'blackhole' | 'internet';
  /** Where the agent says the prefixes go. */
  readonly via: string;
  /** Where the kernel would send a packet for the VPC. */
  readonly kernelRoute: string;
}

/** The way out that a packet takes when the tunnels are gone and the Internet is allowed. */
const PLAIN_ROUTE = /via 10\.91\.\d\.1 dev wan\d/;

export function judgeFailStatic(report: FailStaticReport): string[] {
  const { killed, allDown, gatewayStored } = report;
  const failed: string[] = [];
  const must = (held: boolean, sentence: string): void => {
    if (!held) failed.push(sentence);
  };
  must(killed.pingsSent > 0, 'no ping was sent while the agent was away');
  must(killed.pingsLost === 0, `${killed.pingsLost} pings lost while the agent was away`);
  must(killed.tunnels.length > 0, 'there were no tunnels to find again');
  for (const { tunnel, isSame } of killed.tunnels) {
    must(isSame, `${tunnel} has other keys than before the agent was killed`);
  }
  const { address, hubsSee } = report.moved;
  for (const end of hubsSee) {
    must(end.startsWith(`${address}:`), `a hub sees the branch at ${end} and not at ${address}`);
  }
  for (const { policy, kernelRoute } of allDown) {
    must(
      policy === 'internet' ? PLAIN_ROUTE.test(kernelRoute) : kernelRoute === 'blackhole',
      `policy ${policy}: the kernel sends packets for the VPC: ${kernelRoute}`,
    );
  }
  const disconnects = gatewayStored.filter((name) => name === 'ConnectionDisconnect').length;
  must(
    disconnects >= allDown.length,
    `the gateway stored ${disconnects} ConnectionDisconnect of ${allDown.length}`,
  );
  return failed;
}
