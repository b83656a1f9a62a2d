/**
 * Builds only the network, says whether every hop answers, or runs one command in it.
 */
import { spawn } from 'node:child_process';
import { runCommand } from './command.ts';
import type { InsideRun } from './inside.ts';
import { buildNetwork } from './network-lab.ts';
import { GATEWAYS, type NamespaceName, netnsPath, UPLINKS, VPC_HOST } from './topology.ts';

interface Hop {
  readonly from: NamespaceName;
  readonly to: string;
}

export async function checkNetwork(run: InsideRun, argv: readonly string[]): Promise<number> {
  await buildNetwork();
  if (argv.length > 0) return runThere(run, argv);
  const hops: Hop[] = [
    { from: 'lan', to: '192.168.10.1' },
    ...UPLINKS.map((uplink): Hop => ({ from: 'sag', to: uplink.gateway })),
    ...GATEWAYS.map((gateway): Hop => ({ from: 'sag', to: gateway.address })),
    ...GATEWAYS.map((gateway): Hop => ({ from: gateway.namespace, to: VPC_HOST })),
  ];
  let failed = 0;
  for (const hop of hops) {
    const answered = await runCommand(['ping', '-q', '-n', '-c', '1', '-W', '1', hop.to], {
      netnsPath: netnsPath(hop.from),
    }).then(
      () => true,
      () => false,
    );
    if (!answered) failed += 1;
    console.log(`${answered ? 'ok  ' : 'DEAD'} ${hop.from} -> ${hop.to}`);
  }
  return failed === 0 ? 0 : 1;
}

async function runThere(run: InsideRun, argv: readonly string[]): Promise<number> {
  const [file = 'true', ...rest] = argv;
  const child = spawn(file, rest, { stdio: 'inherit', signal: run.stop, killSignal: 'SIGTERM' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
