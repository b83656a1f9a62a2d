/** The headless story on real parts, once: what it must show, and that it leaves nothing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DemoReport } from '../../../sim/lab/demo-report.ts';
import { needLab, processesWith, startMarked, untilTrue } from './marked-run.ts';

/** The story takes about 15 s; a busy CI machine takes its time. */
const STORY_MS_MAX = 90_000;
/** Times depend on the machine, so they are compared with each other: a gap with what it consists of. */
const GAP_RATIO_MAX = 4;

let outDirectory: string;

beforeEach(async () => {
  outDirectory = await mkdtemp(join(tmpdir(), 'lab-test-'));
});

afterEach(async () => {
  await rm(outDirectory, { recursive: true });
});

test(
  'a branch registers, reaches its VPC, survives a cable and a black hole, and is refused Frankfurt',
  async (ctx) => {
    await needLab(ctx);
    const run = startMarked(['demo', '--script', 'cable-pull', '--out', outDirectory]);
    await new Promise((resolve) => run.child.once('close', resolve));
    const text = await readFile(join(outDirectory, 'demo.json'), 'utf8');
    const report = JSON.parse(text) as DemoReport;

    expect(report).toMatchObject({
      mode: 'real',
      registered: { area: 'Mainland China', gateway: 'agw-hangzhou-a' },
      board: { model: 'sag-1000', ports: 6 },
      reach: { pingsLost: 0 },
      crossArea: { refused: true, code: 'CrossAreaNotSupported' },
    });
    expect(report.failovers.map(({ cause }) => cause)).toEqual(['carrier', 'blackhole']);
    for (const failover of report.failovers) {
      const { detectMs, decideMs, installMs, trafficGapMs, machineLateMs = 0 } = failover;
      const partsMs = Math.max(detectMs, 0) + decideMs + installMs + machineLateMs;
      expect(trafficGapMs).toBeLessThan(GAP_RATIO_MAX * (partsMs + 20));
      expect(failover.from).toContain('wan1');
      expect(failover.to).toContain('wan2');
    }
    expect(report.failovers[1]?.swallowedPackets).toBeGreaterThan(0);
    expect(report.gatewayStored).toEqual(
      expect.arrayContaining([
        'DeviceOnline',
        'DeviceWanLinkDown',
        'AccessGatewayFailover',
        'DeviceWanLinkUp',
      ]),
    );
    expect(await processesWith(run.mark)).toEqual([]);
  },
  STORY_MS_MAX,
);

test(
  'a demo that is killed outright in the middle leaves no process of the agent, its tunnels or its pings',
  async (ctx) => {
    await needLab(ctx);
    const run = startMarked(['demo', '--script', 'cable-pull', '--out', outDirectory]);
    await untilTrue('the demo pings', () => run.output().includes('pinging'), STORY_MS_MAX);
    expect((await processesWith(run.mark)).length).toBeGreaterThan(10);
    run.child.kill('SIGKILL');
    const allGone = async () => (await processesWith(run.mark)).length === 0;
    await untilTrue('every process is gone', allGone);
  },
  STORY_MS_MAX,
);
