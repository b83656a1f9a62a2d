/**
 * The rounds of the failover suite, inside the lab: agent and ping tracker carry the same branch traffic over
 * the same kind of tunnels in turn, and each loses its best uplink by a pulled cable and by a black hole.
 *
 * The figure is the traffic gap of a real ping from the LAN host to the VPC host.
 */
import { join } from 'node:path';
import { DemoLab } from '../sim/lab/demo-lab.ts';
import type { FaultCause } from '../sim/lab/failover-watch.ts';
import type { InsideRun } from '../sim/lab/inside-run.ts';
import { agentContender } from './failover-agent.ts';
import { trackerContender } from './failover-tracker.ts';
import { pairedRow, writeRows } from './harness.ts';

const CAUSES: readonly FaultCause[] = ['carrier', 'blackhole'];
const WHAT = {
  carrier: 'traffic gap after the cable of the active uplink is pulled',
  blackhole: 'traffic gap after the active path silently drops everything',
} as const;
/**
 * The tracker hears nothing of cables, the agent does: a tenth is modest. In a black hole both wait for three
 * silent intervals of 50 ms, so equal is the goal.
 */
const RATIO_MAX = { carrier: 0.5, blackhole: 1 } as const;

export async function runFailoverRounds(
  run: InsideRun,
  job: { readonly outDirectory: string; readonly rounds: number },
): Promise<number> {
  const lab = await DemoLab.open({
    logDirectory: join(job.outDirectory, 'bench-logs'),
    onTrouble: (sentence) => console.error(`bench: ${sentence}`),
  });
  const ours = agentContender(lab, run.stop);
  const peer = trackerContender(lab, run.stop);
  const gaps = new Map<string, number[]>();
  try {
    for (let round = 1; round <= job.rounds; round += 1)
      for (const contender of [ours, peer]) {
        await contender.start();
        for (const cause of CAUSES) {
          const gapMs = await contender.lose(cause);
          gaps.set(`${contender.name} ${cause}`, [
            ...(gaps.get(`${contender.name} ${cause}`) ?? []),
            gapMs,
          ]);
          console.log(`round ${round} ${contender.name} ${cause}: gap ${gapMs.toFixed(1)} ms`);
        }
        await contender.stop();
      }
  } finally {
    await lab.close();
  }
  const rows = CAUSES.map((cause) =>
    pairedRow({
      id: `failover-${cause}`,
      what: WHAT[cause],
      unit: 'ms',
      peerName: peer.name,
      ours: gaps.get(`${ours.name} ${cause}`) ?? [],
      peer: gaps.get(`${peer.name} ${cause}`) ?? [],
      ratioMax: RATIO_MAX[cause],
    }),
  );
  await writeRows('failover', rows, job.outDirectory);
  return rows.every((row) => row.held) ? 0 : 1;
}
