/** A lab run that dies leaves nothing behind, whatever way it dies. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needLab, processesWith, startMarked, untilTrue } from './marked-run.ts';

/** The only temporary directory the runs are told of. */
let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'lab-test-'));
});

afterEach(async () => {
  await rm(temporary, { recursive: true });
});

const leftovers = async (): Promise<string[]> => [
  ...(await readdir('/run/netns').catch(() => [])),
  ...(await readdir('/run/wireguard').catch(() => [])),
  ...(await readdir(temporary)),
];

test('a lab whose outer process is killed outright takes everything inside along', async (ctx) => {
  await needLab(ctx);
  const before = await leftovers();
  const run = startMarked(['lab', '--', 'sh', '-c', 'echo standing; exec sleep 600'], temporary);
  await untilTrue('the lab stands', () => run.output().includes('standing'));
  expect((await processesWith(run.mark)).length).toBeGreaterThan(2);
  run.child.kill('SIGKILL');
  await untilTrue(
    'every process is gone',
    async () => (await processesWith(run.mark)).length === 0,
  );
  expect(await leftovers()).toEqual(before);
});

test('two labs stand beside each other with the same names inside', async (ctx) => {
  await needLab(ctx);
  const before = await leftovers();
  const runs = [startMarked(['lab'], temporary), startMarked(['lab'], temporary)];
  const codes = await Promise.all(
    runs.map(async ({ child }) => new Promise((resolve) => child.once('close', resolve))),
  );
  expect(codes).toEqual([0, 0]);
  for (const run of runs) expect(await processesWith(run.mark)).toEqual([]);
  expect(await leftovers()).toEqual(before);
});
