/**
 * Every branch of a fleet, as data: who it is, where its gateway is, and the one CCN they all belong to.
 */
import type { AgentConfig, GatewayAddress } from '../../agent/model/config.ts';
import type { BfdTimers } from '../../agent/model/tunnel.ts';
import { CloudNetwork } from '../ccn/cloud-network.ts';
import type { Outcome } from '../ccn/outcome.ts';
import { SEED_2018 } from '../ccn/policy.ts';
import { UPLINKS } from '../lab/topology.ts';

export const FLEET_TENANT = 'fleet';
export const FLEET_AREA = 'Mainland China';
export const FLEET_GATEWAY = 'agw-fleet';
/** What one process carries on two cores, gateway included, with every connection over mutual TLS. */
export const FLEET_DEVICES_MAX = 1_000;
/** A fleet shows many devices, not fast ones: 300 ms between packets, and beyond 300 devices a constant load. */
const BFD_INTERVAL_MS_MIN = 300;

export function fleetBfd(devices: number): BfdTimers {
  const intervalMs = Math.max(BFD_INTERVAL_MS_MIN, devices);
  return { desiredMinTxMs: intervalMs, requiredMinRxMs: intervalMs, detectMult: 3 };
}

export interface FleetMember {
  readonly serialNumber: string;
  readonly lanPrefix: string;
  readonly lanAddress: string;
}

export function memberOf(index: number): FleetMember {
  const net = `10.${Math.floor(index / 256)}.${index % 256}`;
  return {
    serialNumber: `sag-fleet-${String(index + 1).padStart(4, '0')}`,
    lanPrefix: `${net}.0/24`,
    lanAddress: `${net}.1/24`,
  };
}

/** What the device's own configuration file would say. */
export function configOf(member: FleetMember, gateway: GatewayAddress): AgentConfig {
  return {
    tenant: FLEET_TENANT,
    area: FLEET_AREA,
    stateDirectory: '/simulated',
    controlSocket: '/simulated/agent.sock',
    board: { path: 'simulated', baudRate: 115_200 },
    uplinks: UPLINKS.map(({ id, port, priority, gateway: nextHop }) => ({
      id,
      kind: 'wired',
      port,
      deviceName: id,
      priority,
      weight: 100,
      use: 'data',
      gateway: nextHop,
    })),
    lanPrefixes: [member.lanPrefix],
    access: {
      certificateFile: 'in memory',
      keyFile: 'in memory',
      caFile: 'in memory',
      keepAliveS: 30,
      gateways: [gateway],
    },
    logLevel: 'info',
  };
}

/** One CCN with every device bound to it, and a CEN that holds a Shanghai VPC. */
export function fleetNetwork(members: readonly FleetMember[]): CloudNetwork {
  const network = new CloudNetwork({ ...SEED_2018, sagsMax: FLEET_DEVICES_MAX });
  const area = FLEET_AREA;
  must(network.createCcn({ id: 'ccn-fleet', area, name: 'fleet' }));
  must(network.createCen({ id: 'cen-fleet' }));
  const vpc = { id: 'vpc-shanghai', regionId: 'cn-shanghai', cidr: '172.16.0.0/16' };
  must(network.attachVpc('cen-fleet', vpc));
  for (const { serialNumber, lanPrefix } of members) {
    must(network.createSag({ serialNumber, area, cidrs: [lanPrefix] }));
    must(network.bindSag(serialNumber, 'ccn-fleet'));
  }
  must(network.bindCen('ccn-fleet', 'cen-fleet'));
  return network;
}

function must(outcome: Outcome<unknown>): void {
  if (!outcome.ok) throw new Error(`the fleet does not fit the rules: ${outcome.sentence}`);
}
