/**
 * Suite `diag`: how long a support bundle takes whose notes fill ten megabytes, from text in memory to the file.
 *
 * Every line names another address, the worst there is for the mapping that keeps names the same throughout a bundle.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Bundle, writeBundle } from '../agent/adapters/diag/bundle-file.ts';
import type { AnonymiseLevel } from '../agent/diag/bundle/anonymise.ts';
import { SeededRandom } from '../firmware-shim/base/random.ts';
import { type BenchRow, boundRow, writeRows } from './harness.ts';

const NOTES_CHARACTERS = 10_000_000;
const GOAL_S = 10;
const ROUNDS = 3;
const SEED = 7;
const GATEWAYS = 9;
const WALL_MS = Date.UTC(2026, 10, 28);

const LEVELS: Readonly<Record<AnonymiseLevel, string>> = {
  none: 'with every name',
  public: 'without public names',
  all: 'without any name',
};

export async function runDiagSuite(outDirectory: string): Promise<number> {
  const bundle = bundleOfNotes();
  const rows: BenchRow[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'sag-bench-'));
  try {
    for (const level of Object.keys(LEVELS) as AnonymiseLevel[]) {
      rows.push(await measured(bundle, level, join(directory, `${level}.tar.gz`)));
    }
  } finally {
    await rm(directory, { recursive: true });
  }
  await writeRows('diag', rows, outDirectory);
  return rows.every(({ held }) => held) ? 0 : 1;
}

async function measured(bundle: Bundle, level: AnonymiseLevel, file: string): Promise<BenchRow> {
  const samples: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = performance.now();
    await pipeline(
      writeBundle(bundle, level, () => undefined),
      createWriteStream(file),
    );
    samples.push((performance.now() - from) / 1_000);
    ({ size: bytes } = await stat(file));
  }
  const what = `a bundle of 10 MB of notes ${LEVELS[level]}, ${(bytes / 1e6).toFixed(1)} MB as a file`;
  return boundRow({ id: `bundle-${level}`, what, unit: 's', samples, figure: 'max', most: GOAL_S });
}

/** The device, its tenant and its gateways are known by name, as an agent knows them. */
function bundleOfNotes(): Bundle {
  const gateways = Array.from({ length: GATEWAYS }, (_, at) => `agw-hangzhou-${at}`);
  const known: Bundle['known'] = [
    { word: 'sag4a1b2c3d', kind: 'serial' },
    { word: 'acme', kind: 'tenant' },
    ...gateways.map((word) => ({ word, kind: 'gateway' as const })),
  ];
  return { wallMs: WALL_MS, known, parts: [{ name: 'notes.txt', text: notes(gateways) }] };
}

function notes(gateways: readonly string[]): string {
  const random = new SeededRandom(SEED);
  const up = (to: number): number => random.u32() % to;
  const pair = (): string => up(256).toString(16).padStart(2, '0');
  const lines: string[] = [];
  for (let characters = 0; characters < NOTES_CHARACTERS; ) {
    const gateway = gateways[up(gateways.length)];
    const address = [1 + up(222), up(256), up(256), up(256)].join('.');
    const line =
      `${new Date(WALL_MS + 100 * lines.length).toISOString()} acme/sag4a1b2c3d: tunnel wan${1 + up(2)}-${gateway} ` +
      `to ${address} over 02:42:${pair()}:${pair()}:${pair()}:${pair()} heard nothing for ${up(9_000)} ms, ` +
      `session ${random.u32().toString(16)}, from 10.${up(256)}.${up(256)}.${up(256)} and 2001:db8::${pair()}${pair()}\n`;
    lines.push(line);
    characters += line.length;
  }
  return lines.join('');
}
