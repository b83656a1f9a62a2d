/**
 * Builds only the network, says whether every hop answers and every fault bites, or runs one command in it.
 */
import { spawn } from 'node:child_process';
import { liveClock } from '../../firmware-shim/adapters/live-clock.ts';
import { openKernel } from '../../firmware-shim/open-kernel.ts';
import { runCommand } from './command.ts';
import { Faults } from './faults.ts';
import type { InsideRun } from './inside-run.ts';
import { buildNetwork } from './network-lab.ts';
import { GATEWAYS, type NamespaceName, netnsPath, UPLINKS, VPC_HOST } from './topology.ts';

interface Hop {
  readonly from: NamespaceName;
  readonly to: string;
}

const HOPS: readonly Hop[] = [
  { from: 'lan', to: '192.168.10.1' },
  ...UPLINKS.map((uplink): Hop => ({ from: 'sag', to: uplink.gateway })),
  ...GATEWAYS.map((gateway): Hop => ({ from: 'sag', to: gateway.address })),
  ...GATEWAYS.map((gateway): Hop => ({ from: gateway.namespace, to: VPC_HOST })),
];

export async function checkNetwork(run: InsideRun, argv: readonly string[]): Promise<number> {
  await buildNetwork();
  if (argv.length > 0) return runThere(run, argv);
  let failed = 0;
  const tell = (what: string, held: boolean): void => {
    if (!held) failed += 1;
    console.log(`${held ? 'ok  ' : 'BAD '} ${what}`);
  };
  for (const hop of HOPS) tell(`${hop.from} -> ${hop.to}`, await answers(hop));
  await checkFaults(tell);
  return failed === 0 ? 0 : 1;
}

/** The far gateway is reached over wan1's route, so a fault on wan1 must take it away and its end bring it back. */
async function checkFaults(tell: (what: string, held: boolean) => void): Promise<void> {
  const inet = openKernel({ netnsPath: netnsPath('inet') });
  const noBoard = { pull: () => {}, plug: () => {} };
  const faults = await Faults.open(inet, noBoard, () => liveClock.nowMs());
  const far: Hop = { from: 'sag', to: GATEWAYS[0]?.address ?? '' };
  await faults.blackHole('wan1');
  tell('a black hole on wan1 lets nothing through', !(await answers(far)));
  tell('and it has swallowed packets', (await faults.swallowedPackets()) > 0);
  await faults.clearBlackHole('wan1');
  tell('without it packets pass again', await answers(far));
  await faults.pullCable('wan1');
  tell('a pulled cable lets nothing through', !(await answers({ from: 'sag', to: '10.91.1.1' })));
  await faults.plugCable('wan1');
  tell('plugged in again packets pass', await answersSoon({ from: 'sag', to: '10.91.1.1' }));
  inet.close();
}

async function answers(hop: Hop): Promise<boolean> {
  return pings(hop, ['-W', '1']);
}

async function pings(hop: Hop, patience: readonly string[]): Promise<boolean> {
  const argv = ['ping', '-q', '-n', '-c', '1', ...patience, hop.to];
  return runCommand(argv, { netnsPath: netnsPath(hop.from) }).then(
    () => true,
    () => false,
  );
}

/** The kernel may tell the far end of a cable only after a second that it is plugged in again (linkwatch). */
const CARRIER_S_MAX = 5;

async function answersSoon(hop: Hop): Promise<boolean> {
  return pings(hop, ['-i', '0.2', '-w', `${CARRIER_S_MAX}`]);
}

async function runThere(run: InsideRun, argv: readonly string[]): Promise<number> {
  const [file = 'true', ...rest] = argv;
  const child = spawn(file, rest, { stdio: 'inherit', signal: run.stop, killSignal: 'SIGTERM' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
