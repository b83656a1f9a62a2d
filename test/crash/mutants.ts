/**
 * Opens the store on files that were damaged in every way, and asks three things: it opens, it believes no record that
 * was never put, and the next start finds a sound file.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../../agent/adapters/store/sqlite-store.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { mutated, noise } from '../fuzz/mutation.ts';

const RECORDS = 24;
/** A file of the kernel's memory: ten thousand of them shall not wear out a disk. */
const FAST_DIRECTORY = '/dev/shm';
const PROGRESS_EVERY = 2_000;

export interface MutantOptions {
  readonly mutants: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
}

export interface MutantReport {
  readonly mutants: number;
  readonly unopened: number;
  readonly believed: number;
  readonly loops: number;
  /** Every record was still there. */
  readonly salvaged: number;
  readonly quarantined: number;
}

export async function runMutants({
  mutants,
  seed,
  onProgress,
}: MutantOptions): Promise<MutantReport> {
  const root = existsSync(FAST_DIRECTORY) ? FAST_DIRECTORY : tmpdir();
  const directory = mkdtempSync(join(root, 'sag-mutants-'));
  const counts = { unopened: 0, believed: 0, loops: 0, salvaged: 0, quarantined: 0 };
  try {
    const sound = await soundFile(directory);
    const random = new SeededRandom(seed);
    for (let at = 1; at <= mutants; at += 1) {
      for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
      writeFileSync(join(directory, 'state.db'), mutant(sound, random));
      await tryMutant(directory, counts);
      if (at % PROGRESS_EVERY === 0) onProgress(`${at} of ${mutants} damaged files`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { mutants, ...counts };
}

type Counts = { -readonly [Key in keyof Omit<MutantReport, 'mutants'>]: number };

async function tryMutant(directory: string, counts: Counts): Promise<void> {
  try {
    const first = await read(directory);
    counts.quarantined += first.quarantined;
    if (first.found.some(({ key, value }) => value !== valueOf(key))) counts.believed += 1;
    if (first.found.length === RECORDS) counts.salvaged += 1;
    const second = await read(directory);
    const isMended = second.quarantined === 0 && second.found.length === first.found.length + 1;
    if (!isMended) counts.loops += 1;
  } catch {
    counts.unopened += 1;
  }
}

/** Opens, reads everything, puts one more record, and closes. */
async function read(directory: string) {
  let quarantined = 0;
  const store = new SqliteStore({
    directory,
    onQuarantine: () => {
      quarantined += 1;
    },
    onVolatile: (_path, because) => {
      throw new Error(because);
    },
  });
  const found = store.loadNow('outbox');
  const key = `more-${found.length}`;
  await store.put('outbox', key, valueOf(key));
  await store.close();
  return { found, quarantined };
}

async function soundFile(directory: string): Promise<Uint8Array> {
  const nothing = (): void => undefined;
  const store = new SqliteStore({ directory, onQuarantine: nothing, onVolatile: nothing });
  const keys = Array.from({ length: RECORDS }, (_, at) => `boot-${at}`);
  await Promise.all(keys.map(async (key) => store.put('outbox', key, valueOf(key))));
  await store.close();
  return Uint8Array.from(readFileSync(join(directory, 'state.db')));
}

/** Known from its key, so that a wrong one is known as well. */
function valueOf(key: string): string {
  return JSON.stringify({ key, text: key.repeat(20) });
}

function mutant(sound: Uint8Array, random: SeededRandom): Uint8Array {
  if (random.next() < 0.02) return noise(random, Math.floor(random.next() * 10_000));
  const words = ['SQLite format 3\0', '\0\0\0\0', 'records', 'boot-1'].map((word) =>
    new TextEncoder().encode(word),
  );
  return mutated(sound, random, { bytesMax: 2 * sound.length, corpus: [sound], words });
}
