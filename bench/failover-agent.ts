/**
 * Our side of the failover suite: the shipped agent in the lab.
 */
import type { DemoLab } from '../sim/lab/demo-lab.ts';
import { FailoverWatch } from '../sim/lab/failover-watch.ts';
import { waitUntil } from '../sim/lab/wait-until.ts';
import type { Contender } from './failover-contender.ts';

const START_MS_MAX = 30_000;

export function agentContender(lab: DemoLab, stop: AbortSignal): Contender {
  const ping = lab.startPings();
  const watch = new FailoverWatch(lab, ping, stop);
  return {
    name: 'sag-agent',
    start: async () => {
      await lab.startAgent();
      await waitUntil(
        'traffic flows over wan1 with every tunnel up',
        START_MS_MAX,
        async () => {
          const fastPath = (await lab.snapshot())?.fastPath;
          const active = fastPath?.tunnels.find(({ id }) => id === fastPath.active);
          const settled = fastPath?.tunnels.every(({ state }) => state === 'up') === true;
          return settled && active?.uplink === 'wan1' ? true : undefined;
        },
        stop,
      );
      await watch.trafficFlows(lab.nowMs());
    },
    lose: async (cause) => {
      const figures = await watch.cut(cause, 'wan1');
      await watch.repair(cause, 'wan1');
      return figures.trafficGapMs;
    },
    stop: async () => lab.stopAgent(),
  };
}
