/** The watcher of fuzz runs, on a reader with faults planted in it: each is found and kept. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watch } from '../../fuzz/watch.ts';

const MAIN = new URL('../../fuzz/main.ts', import.meta.url).pathname;

let outDirectory: string;

beforeEach(() => {
  outDirectory = mkdtempSync(join(tmpdir(), 'sag-fuzz-test-'));
});
afterEach(() => {
  rmSync(outDirectory, { recursive: true });
});

test('an exception, a lie and a hang are found, each once, and their inputs are kept', async () => {
  const { findings, tally, complete } = await watch({
    target: 'planted',
    seed: 1,
    inputs: 4_000,
    inputMsMax: 300,
    noiseBytes: 0,
    outDirectory,
    onProgress: () => {},
  });
  const kept = findings.map(({ text, file }) => [
    text.split('\n', 1)[0] ?? '',
    /throw|lie|hang/.exec(readFileSync(file, 'latin1'))?.[0],
  ]);
  expect(kept).toHaveLength(3);
  expect(Object.fromEntries(kept)).toEqual({
    'Hung: no answer within 300 ms': 'hang',
    'PropertyBroken: the reader lied': 'lie',
    'TypeError: the reader threw': 'throw',
  });
  expect(complete).toBe(false);
  expect(tally['accepted']).toBeGreaterThan(0);
}, 60_000);

test('memory that is not given back shows in the heap', async () => {
  const { heapBytes } = await watch({
    target: 'leaky',
    seed: 1,
    inputs: 40_000,
    inputMsMax: 1_000,
    noiseBytes: 0,
    outDirectory,
    onProgress: () => {},
  });
  const [early = 0, late = 0] = heapBytes ?? [];
  expect(late - early).toBeGreaterThan(4 * 1_024 * 1_024);
}, 60_000);

test('a kept input is replayed by the line that was printed', () => {
  const file = join(outDirectory, 'one.bin');
  writeFileSync(file, Uint8Array.of(3, 0x34, 0x32, 0x0a));
  const said = execFileSync(process.execPath, [MAIN, '--target', 'host', '--replay', file], {
    encoding: 'utf8',
  });
  expect(said).toContain('temperature: accepted');
});
