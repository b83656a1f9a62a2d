/**
 * Suite `shim`: what the floor costs, against the leanest thing that does the same.
 *
 * It makes a network namespace and so needs root, or `unshare -Urnm` around it.
 */
import { mkdir } from 'node:fs/promises';
import { type BenchRow, writeRows } from './harness.ts';
import { type BenchNetns, benchNetns } from './shim/bench-netns.ts';
import { lineRows } from './shim/line.ts';
import { linkEventRows } from './shim/link-events.ts';
import { metricsRows } from './shim/metrics.ts';
import { routeRows } from './shim/routes.ts';

export async function runShimSuite(outDirectory: string): Promise<number> {
  let netns: BenchNetns;
  try {
    netns = benchNetns();
  } catch (error) {
    console.error(`bench shim: ENONETNS: it needs a network namespace: ${String(error)}`);
    return 1;
  }
  const rows: BenchRow[] = [];
  try {
    await mkdir(outDirectory, { recursive: true });
    rows.push(...(await linkEventRows(netns, outDirectory)));
    rows.push(...(await routeRows(netns)));
  } finally {
    netns.remove();
  }
  rows.push(...(await lineRows()), ...(await metricsRows()));
  await writeRows('shim', rows, outDirectory);
  return rows.every((row) => row.held) ? 0 : 1;
}
