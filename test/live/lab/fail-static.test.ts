/** What goes on without the agent, on real parts, with tunnels of both engines in one agent. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FailStaticReport } from '../../../sim/lab/fail-static-report.ts';
import { needLab, processesWith, startMarked } from './marked-run.ts';

/** The story takes about 10 s; a busy CI machine takes its time. */
const STORY_MS_MAX = 90_000;

let outDirectory: string;

beforeEach(async () => {
  outDirectory = await mkdtemp(join(tmpdir(), 'lab-test-'));
});

afterEach(async () => {
  await rm(outDirectory, { recursive: true });
});

test(
  'an agent that is killed loses no packet and finds all its tunnels with their keys; without any tunnel the policy holds',
  async (ctx) => {
    await needLab(ctx);
    const argv = ['demo', '--script', 'fail-static', '--engine', 'mixed', '--out', outDirectory];
    const run = startMarked(argv);
    const code = await new Promise((resolve) => run.child.once('close', resolve));
    const text = await readFile(join(outDirectory, 'fail-static.json'), 'utf8');
    const report = JSON.parse(text) as FailStaticReport & { readonly failed: readonly string[] };

    expect(report.failed).toEqual([]);
    expect(code).toBe(0);
    const { killed, allDown } = report;
    expect(killed.pingsSent).toBeGreaterThan(killed.withoutAgentMs / 20);
    expect(killed.pingsLost).toBe(0);
    expect(killed.tunnels.map(({ tunnel, kind }) => `${tunnel} ${kind}`)).toEqual([
      'wan1-agw-hangzhou-a ipsec',
      'wan1-agw-hangzhou-b ipsec',
      'wan2-agw-hangzhou-a wireguard',
      'wan2-agw-hangzhou-b wireguard',
    ]);
    expect(allDown.map(({ policy }) => policy)).toEqual(['blackhole', 'internet']);
    expect(await processesWith(run.mark)).toEqual([]);
  },
  STORY_MS_MAX,
);
