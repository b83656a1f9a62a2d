/**
 * Paired benchmark rows: ours and a peer measured in turn in one run, on the same machine, by the same yard.
 *
 * A row compares medians; `ratio` is ours over the peer's, so below 1 means ours is smaller. A goal is a
 * bound on that ratio, because an absolute time says more about the machine than about the program.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface BenchRow {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  /** Medians. */
  readonly ours: number;
  readonly peer?: number;
  /** Absent where the bound is one of time or number alone. */
  readonly peerName?: string;
  readonly ratio?: number;
  /** In words, such as `ratio <= 0.5`. */
  readonly goal: string;
  readonly held: boolean;
  /** Rounds of each side. */
  readonly n: number;
  /** Extremes of ours. */
  readonly min: number;
  readonly max: number;
}

export interface PairedSamples {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly peerName: string;
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  readonly ratioMax: number;
}

export function pairedRow(samples: PairedSamples): BenchRow {
  const { id, what, unit, peerName, ours, peer, ratioMax } = samples;
  if (ours.length === 0 || peer.length === 0) throw new Error(`${id}: a side has no sample`);
  const ratio = median(ours) / median(peer);
  return {
    id,
    what,
    unit,
    ours: rounded(median(ours)),
    peer: rounded(median(peer)),
    peerName,
    ratio: rounded(ratio),
    goal: `ratio <= ${ratioMax}`,
    held: ratio <= ratioMax,
    n: Math.min(ours.length, peer.length),
    min: rounded(Math.min(...ours)),
    max: rounded(Math.max(...ours)),
  };
}

export interface BoundSamples {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly samples: readonly number[];
  /** Which figure of them is bound. */
  readonly figure: 'p50' | 'max';
  readonly most: number;
}

/** For promises that are bounds in themselves; the samples come from one machine all the same. */
export function boundRow(bound: BoundSamples): BenchRow {
  const { id, what, unit, samples, figure, most } = bound;
  if (samples.length === 0) throw new Error(`${id}: there is no sample`);
  const max = Math.max(...samples);
  const value = figure === 'p50' ? median(samples) : max;
  return {
    id,
    what,
    unit,
    ours: rounded(value),
    goal: `${figure} <= ${most}`,
    held: value <= most,
    n: samples.length,
    min: rounded(Math.min(...samples)),
    max: rounded(max),
  };
}

export interface FloorSamples {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly samples: readonly number[];
  /** The median reaches it; 0 where a figure is told and nothing promised. */
  readonly least: number;
}

export function floorRow({ id, what, unit, samples, least }: FloorSamples): BenchRow {
  if (samples.length === 0) throw new Error(`${id}: there is no sample`);
  const value = median(samples);
  return {
    id,
    what,
    unit,
    ours: rounded(value),
    goal: `p50 >= ${least}`,
    held: value >= least,
    n: samples.length,
    min: rounded(Math.min(...samples)),
    max: rounded(Math.max(...samples)),
  };
}

/** Writes `bench-<suite>.json` and says each row in one line; the file's path. */
export async function writeRows(
  suite: string,
  rows: readonly BenchRow[],
  outDirectory: string,
): Promise<string> {
  await mkdir(outDirectory, { recursive: true });
  const file = join(outDirectory, `bench-${suite}.json`);
  await writeFile(file, `${JSON.stringify({ suite, rows }, null, 2)}\n`);
  for (const row of rows) console.log(lineOf(row));
  return file;
}

function lineOf(row: BenchRow): string {
  const verdict = row.held ? 'held  ' : 'MISSED';
  const peer =
    row.peerName === undefined
      ? ''
      : ` ${row.peerName} ${row.peer} ${row.unit}, ratio ${row.ratio},`;
  return (
    `${verdict} ${row.id}: ${row.what}: ours ${row.ours} ${row.unit} (${row.min} to ${row.max}),` +
    `${peer} goal ${row.goal}, n ${row.n}`
  );
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

/** Three digits after the point are more than any of these clocks is worth. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
