/**
 * The facts of a healthy branch, and the ways to make them ill that the tests of the checks share.
 */
import type { AgentFacts, Answer, CheckFacts } from '../../../../../agent/diag/check/facts.ts';
import type { AgentSnapshot } from '../../../../../agent/model/snapshot.ts';
import { ROUTE_PROTOCOL } from '../../../../../firmware-shim/kernel/types.ts';
import { SAMPLE } from '../sample-snapshot.ts';

export const WALL_MS = Date.UTC(2026, 4, 5, 6, 7, 8);
const DAY_MS = 86_400_000;

export const FINE: Answer = { ok: true, afterMs: 4, lossPercent: 0 };
export const SILENT: Answer = { ok: false, code: 'ENOANSWER', text: 'no answer' };

const GATEWAYS = ['agw-hangzhou-1', 'agw-hangzhou-2'];
const UPLINKS = ['wan1', 'wan2'];

export const HEALTHY_SNAPSHOT: AgentSnapshot = {
  ...SAMPLE,
  fastPath: {
    ...SAMPLE.fastPath,
    tunnels: SAMPLE.fastPath.tunnels.map((tunnel, at) => ({
      ...tunnel,
      innerLocal: `10.250.${at}.2`,
      innerRemote: `10.250.${at}.1`,
      quality: { discarded: 0, mtu: { mtu: 1_420, known: true, ceiling: 1_420 } },
    })),
  },
};

export function answering(change: Partial<AgentSnapshot> = {}): AgentFacts {
  return { answers: true, snapshot: { ...HEALTHY_SNAPSHOT, ...change } };
}

export function healthyFacts(change: Partial<CheckFacts> = {}): CheckFacts {
  const target = '223.5.5.5';
  return {
    wallMs: WALL_MS,
    agent: answering(),
    config: {
      uplinks: HEALTHY_SNAPSHOT.fastPath.uplinks,
      gateways: GATEWAYS.map((id, at) => ({
        id,
        address: `10.92.${at}.1`,
        port: 8443,
        serverName: id,
      })),
      lanPrefixes: ['192.168.10.0/24', '192.168.20.0/24'],
    },
    kernel: {
      links: ['wan1', 'wan2', 'sagt1', 'sagt2'].map((name, at) => ({
        index: at + 2,
        name,
        adminUp: true,
        carrier: true,
        mtu: 1_500,
      })),
      addresses: [
        { deviceIndex: 2, family: 'ipv4', address: '10.91.1.2', prefixLength: 24 },
        { deviceIndex: 3, family: 'ipv4', address: '10.91.2.2', prefixLength: 24 },
      ],
      routes: HEALTHY_SNAPSHOT.desired.prefixes.map((destination) => ({
        family: 'ipv4',
        destination,
        table: 254,
        protocol: ROUTE_PROTOCOL,
        type: 'unicast',
        nexthopId: 9001,
      })),
      nexthops: [
        { id: 1, family: 'ipv4', protocol: ROUTE_PROTOCOL, deviceIndex: 4 },
        { id: 9001, family: 'ipv4', protocol: ROUTE_PROTOCOL, group: [{ id: 1, weight: 1 }] },
      ],
      neighbours: [],
      drops: { wan1: { packets: 100_000, drops: 3 }, wan2: { packets: 100_000, drops: 0 } },
    },
    disk: { freeBytes: 2e9, usedPercent: 40, writes: true },
    clock: {
      floorMs: WALL_MS - DAY_MS,
      floorFrom: 'this release was installed',
      certificateEndsMs: WALL_MS + 300 * DAY_MS,
    },
    probes: {
      nextHops: each(UPLINKS, FINE),
      names: each(UPLINKS, { ...FINE, name: 'www.aliyun.com' }),
      internet: each(UPLINKS, { ...FINE, target }),
      tls: GATEWAYS.flatMap((gateway) =>
        UPLINKS.map((uplink) => ({ gateway, uplink, answer: FINE })),
      ),
      tunnels: each(['wan1-agw1', 'wan2-agw2'], { small: FINE, large: FINE }),
      reach: [{ target: '172.16.0.10', answer: FINE }],
    },
    ...change,
  };
}

export function each<Value>(keys: readonly string[], value: Value): Record<string, Value> {
  return Object.fromEntries(keys.map((key) => [key, value]));
}
