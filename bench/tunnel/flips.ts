/**
 * Rows of suite `tunnel`: moving thousands of routes from one path to another, from the decision until the
 * kernel has acknowledged it, against `ip -batch` that replaces each.
 *
 * The peer's time includes the start of its process, some 3 ms, because its callers pay that.
 */
import { type BenchRow, pairedRow } from '../harness.ts';
import { PathLab } from './path-lab.ts';

const COUNTS = [1_000, 10_000, 50_000] as const;
const ROUNDS = 5;
/** Nothing falls here, so the probes may be rare. */
const BFD = { desiredMinTxMs: 300, requiredMinRxMs: 300, detectMult: 5 };
const PEER_TABLE = '300';
const RATIO_MAX = 0.5;

export async function flipRows(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const count of COUNTS) rows.push(await flipRow(count));
  return rows;
}

async function flipRow(count: number): Promise<BenchRow> {
  const prefixes = Array.from(
    { length: count },
    (_, at) => `${100 + (at >> 14)}.${(at >> 6) & 255}.${(at & 63) << 2}.0/22`,
  );
  const lab = await PathLab.open({ paths: 2, bfd: BFD, prefixes });
  try {
    const ours: number[] = [];
    const peer: number[] = [];
    await replaceAll(lab, prefixes, 1);
    for (let round = 0; round < ROUNDS; round += 1) {
      const to = lab.active === 1 ? 2 : 1;
      const since = lab.changes.length;
      lab.switchTo(to);
      await lab.until(() => lab.changes.length > since);
      const change = lab.changes.at(-1);
      ours.push((change?.decideMs ?? Number.NaN) + (change?.installMs ?? Number.NaN));
      peer.push(await replaceAll(lab, prefixes, to));
    }
    return pairedRow({
      id: `flip-${count}`,
      what: `${count} routes moved to another path, decided and acknowledged`,
      unit: 'ms',
      peerName: 'ip -batch',
      ours,
      peer,
      ratioMax: RATIO_MAX,
    });
  } finally {
    await lab.close();
  }
}

/** At the far end, where none of ours hears of it. */
async function replaceAll(lab: PathLab, prefixes: readonly string[], to: number): Promise<number> {
  const lines = prefixes.map((each) => `route replace ${each} dev path${to} table ${PEER_TABLE}`);
  const startMs = performance.now();
  await lab.room.ipBatch('far', lines);
  return performance.now() - startMs;
}
