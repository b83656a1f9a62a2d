/**
 * Suite `tunnel`: what liveness and failover cost and how fast they are, in one run with FRR's bfdd.
 *
 * It needs root, `frr` and two cores; ordinary load beside it is part of what the promises are about.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frrMissing } from '../sim/lab/frr-bfdd.ts';
import { type BenchRow, writeRows } from './harness.ts';
import { capacityRows } from './tunnel/capacity.ts';
import { flipRows } from './tunnel/flips.ts';
import { forgeryRows } from './tunnel/forgery.ts';
import { outageRows } from './tunnel/outage.ts';
import { pairedRows } from './tunnel/paired.ts';
import { stallRows } from './tunnel/stall.ts';

export async function runTunnelSuite(outDirectory: string): Promise<number> {
  const missing = frrMissing();
  if (missing !== undefined) {
    console.error(`bench tunnel: ENOPEER: ${missing}`);
    return 1;
  }
  await mkdir(outDirectory, { recursive: true });
  const directory = await mkdtemp(join(tmpdir(), 'sag-bench-tunnel-'));
  const rows: BenchRow[] = [];
  const parts = [
    outageRows,
    pairedRows,
    stallRows,
    async () => forgeryRows(directory),
    capacityRows,
    flipRows,
  ];
  try {
    for (const part of parts) {
      rows.push(...(await part()));
      // Also when a later part fails there is something to look at.
      await writeRows('tunnel', rows, outDirectory);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return rows.every((row) => row.held) ? 0 : 1;
}
