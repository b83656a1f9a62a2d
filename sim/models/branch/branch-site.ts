/**
 * The branch of every simulated run: the same uplinks, gateways and addresses as the network lab's, and one
 * tunnel for each pair of uplink and gateway.
 */
import type { AgentConfig } from '../../../agent/model/config.ts';
import type { BfdTimers } from '../../../agent/model/tunnel.ts';
import { branchConfig } from '../../lab/branch-config.ts';
import { GATEWAYS, UPLINKS, VPC_PREFIX } from '../../lab/topology.ts';
import { nameOf } from '../far-end/name-servers.ts';

export const SERIAL_NUMBER = 'sag-sim-0001';
export const AGENT_VERSION = 'simulated';
export const BOARD_MODEL = 'sag-1000';
/** Any 32 bytes: nothing is encrypted here. */
export const PUBLIC_KEY = `${'B'.repeat(42)}A=`;
export const CCN_ID = 'ccn-sim';

/** 3 × 50 ms: silence is noticed after 150 ms. */
export const BFD: BfdTimers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
export const DETECT_MS = BFD.requiredMinRxMs * BFD.detectMult;

/** One tunnel for each pair of uplink and gateway, by the id the cloud gives it. */
export interface SiteTunnel {
  readonly id: string;
  readonly uplink: string;
  readonly gateway: string;
}

export const SITE_TUNNELS: readonly SiteTunnel[] = GATEWAYS.flatMap((gateway) =>
  UPLINKS.map((uplink) => ({
    id: `${uplink.id}-${gateway.id}`,
    uplink: uplink.id,
    gateway: gateway.id,
  })),
);

export const SITE_PATHS: readonly string[] = SITE_TUNNELS.map(
  ({ uplink, gateway }) => `${uplink}/${gateway}`,
);

/** The VPC that the branch is meant to reach, and one it must never reach. */
export const SHANGHAI = { id: 'vpc-shanghai', regionId: 'cn-shanghai', cidr: VPC_PREFIX };
export const FRANKFURT = { id: 'vpc-frankfurt', regionId: 'eu-central-1', cidr: '172.31.0.0/16' };

export const SITE_CONFIG: AgentConfig = branchConfig({
  stateDirectory: '/simulated',
  controlSocket: '/simulated/agent.sock',
  boardPath: 'simulated',
  certificateFile: 'simulated',
  keyFile: 'simulated',
  caFile: 'simulated',
  gatewayPort: 8443,
  gatewayName: nameOf,
});
