/** A lab run that dies leaves nothing behind, whatever way it dies. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NAMESPACES } from '../../../sim/lab/topology.ts';
import { needLab, processesWith, startMarked, untilTrue } from './marked-run.ts';

/** The only temporary directory the runs are told of. */
let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'lab-test-'));
});

afterEach(async () => {
  await rm(temporary, { recursive: true });
});

/** What a lab that is not shut in would leave outside; others' namespaces come and go meanwhile. */
const leftovers = async (): Promise<string[]> => {
  const names: readonly string[] = NAMESPACES;
  const outside = await readdir('/run/netns').catch(() => []);
  const sockets = await readdir('/run/wireguard').catch(() => []);
  return [
    ...outside.filter((name) => names.includes(name)),
    ...sockets.filter((name) => /^(hub|sag-wan)/.test(name)),
    ...(await readdir(temporary)),
  ];
};

test('a lab whose outer process is killed outright takes everything inside along', async (ctx) => {
  await needLab(ctx);
  const run = startMarked(['lab', '--', 'sh', '-c', 'echo standing; exec sleep 600'], temporary);
  await untilTrue('the lab stands', () => run.output().includes('standing'));
  expect((await processesWith(run.mark)).length).toBeGreaterThan(2);
  run.child.kill('SIGKILL');
  await untilTrue(
    'every process is gone',
    async () => (await processesWith(run.mark)).length === 0,
  );
  expect(await leftovers()).toEqual([]);
});

test('two labs stand beside each other with the same names inside', async (ctx) => {
  await needLab(ctx);
  const runs = [startMarked(['lab'], temporary), startMarked(['lab'], temporary)];
  const codes = await Promise.all(
    runs.map(async ({ child }) => new Promise((resolve) => child.once('close', resolve))),
  );
  expect(codes).toEqual([0, 0]);
  for (const run of runs) expect(await processesWith(run.mark)).toEqual([]);
  expect(await leftovers()).toEqual([]);
});

test('the live demo shows its page on loopback and ends on Ctrl-C with nothing left', async (ctx) => {
  await needLab(ctx);
  const run = startMarked(['demo', '--out', join(temporary, 'out')], temporary);
  const ended = new Promise((resolve) => run.child.once('close', resolve));
  await untilTrue(
    'the agent is registered',
    () => run.output().includes('CCN area Mainland China'),
    50_000,
  );
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(run.output())?.[0] ?? '';
  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<html');
  run.child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(await processesWith(run.mark)).toEqual([]);
  await rm(join(temporary, 'out'), { recursive: true });
  expect(await leftovers()).toEqual([]);
});
