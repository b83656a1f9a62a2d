/**
 * The peer's side of the failover suite: a tuned ping tracker at both ends of the tunnels the agent has left.
 *
 * A real tracker guards only the branch and leaves the way back to somebody else; here the hub gets one too,
 * so that the figure compares detection and flip and not a missing half.
 */
import { LabFailed, runCommand } from '../sim/lab/command.ts';
import type { DemoLab } from '../sim/lab/demo-lab.ts';
import type { FaultCause } from '../sim/lab/failover-watch.ts';
import {
  GATEWAYS,
  LAN_PREFIX,
  type NamespaceName,
  netnsPath,
  VPC_PREFIX,
} from '../sim/lab/topology.ts';
import { waitUntil } from '../sim/lab/wait-until.ts';
import type { Contender } from './failover-contender.ts';
import { PingTracker, type TrackedTunnel } from './ping-tracker.ts';

/** As often as our sessions speak, and as many misses as they allow. */
const INTERVAL_MS = 50;
const MISSES_MAX = 3;
/** A second of answers before a tunnel is trusted again. */
const ANSWERS_MIN = 20;
const MOVE_MS_MAX = 10_000;
/** Answers in a row that prove traffic flows again. */
const ANSWERS_AFTER = 20;

interface Pair {
  readonly branch: TrackedTunnel;
  readonly hub: TrackedTunnel;
}

export function trackerContender(lab: DemoLab, stop: AbortSignal): Contender {
  const ping = lab.startPings();
  let trackers: readonly PingTracker[] = [];

  const until = async (what: string, look: () => boolean): Promise<void> => {
    await waitUntil(what, MOVE_MS_MAX, () => (look() ? true : undefined), stop);
  };
  const areAt = (place: number) => (): boolean => trackers.every((each) => each.place === place);
  const flows = async (sinceMs: number): Promise<void> =>
    until(
      'pings are answered',
      () => ping.record.answersBetween(sinceMs, Number.POSITIVE_INFINITY).length >= ANSWERS_AFTER,
    );

  return {
    name: `ping tracker, ${INTERVAL_MS} ms x ${MISSES_MAX}`,
    start: async () => {
      for (const hub of lab.hubs) await hub.lookAway();
      await removeRoute('sag', VPC_PREFIX);
      await removeRoute('gwa', LAN_PREFIX);
      const pairs = await tunnelPairs(lab);
      trackers = [
        tracker(
          'sag',
          VPC_PREFIX,
          pairs.map(({ branch }) => branch),
        ),
        tracker(
          'gwa',
          LAN_PREFIX,
          pairs.map(({ hub }) => hub),
        ),
      ];
      await until('the tracker carries traffic', areAt(0));
      await flows(lab.nowMs());
    },
    lose: async (cause: FaultCause) => {
      const { faults } = lab;
      const cutAtMs = await (cause === 'carrier'
        ? faults.pullCable('wan1')
        : faults.blackHole('wan1'));
      await until('the tracker moves', areAt(1));
      await flows(lab.nowMs());
      const gapMs = ping.record.gap(cutAtMs, lab.nowMs())?.gapMs ?? Number.NaN;
      await (cause === 'carrier' ? faults.plugCable('wan1') : faults.clearBlackHole('wan1'));
      await until('the tracker returns', areAt(0));
      await flows(lab.nowMs());
      return gapMs;
    },
    stop: async () => {
      await Promise.all(trackers.map(async (each) => each.stop()));
      await removeRoute('sag', VPC_PREFIX);
      await removeRoute('gwa', LAN_PREFIX);
      for (const hub of lab.hubs) hub.watch();
    },
  };
}

/** Both ends of the tunnels to the nearer gateway, wan1's first. */
async function tunnelPairs({ cloud }: DemoLab): Promise<readonly Pair[]> {
  const [gateway] = GATEWAYS;
  const hubTunnels = cloud.cloud.controller.hubTunnelsOf(gateway?.id ?? '');
  const branch = await devicesByAddress('sag');
  return hubTunnels
    .toSorted((a, b) => a.uplink.localeCompare(b.uplink))
    .map(({ deviceName, innerLocal, innerRemote }) => {
      const branchDevice = branch.get(innerRemote);
      if (branchDevice === undefined) throw new LabFailed(`the branch has no ${innerRemote}`);
      return {
        branch: { deviceName: branchDevice, remote: innerLocal },
        hub: { deviceName, remote: innerRemote },
      };
    });
}

async function devicesByAddress(namespace: NamespaceName): Promise<ReadonlyMap<string, string>> {
  const text = await runCommand(['ip', '-n', namespace, '-j', '-4', 'address']);
  const devices = JSON.parse(text) as { ifname: string; addr_info: { local: string }[] }[];
  return new Map(
    devices.flatMap(({ ifname, addr_info }) => addr_info.map(({ local }) => [local, ifname])),
  );
}

function tracker(
  namespace: NamespaceName,
  prefix: string,
  tunnels: readonly TrackedTunnel[],
): PingTracker {
  return new PingTracker({
    netnsPath: netnsPath(namespace),
    prefix,
    tunnels,
    intervalMs: INTERVAL_MS,
    missesMax: MISSES_MAX,
    answersMin: ANSWERS_MIN,
  });
}

/** A prefix that is not there is what is wanted. */
async function removeRoute(namespace: NamespaceName, prefix: string): Promise<void> {
  const argv = ['ip', '-n', namespace, 'route', 'flush', prefix, 'table', 'all'];
  await runCommand(argv);
}
