/**
 * The control thread hangs: nothing is asked, read or told any more. The fast path fails over by the plan it has, and
 * tells afterwards.
 *
 * This process is the control thread of both ends. A child makes the fault and looks at the kernel while we wait for it
 * without turning our event loop once.
 */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BEAT_MS } from '../../../agent/wiring/thread-heartbeat.ts';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';
import { BEHIND } from './live-end.ts';
import { partsMissing, TwoEnds } from './two-ends.ts';

/** Longer than a silence that the fast path tells of. */
const HANG_MS_MIN = 4_000;
/** Only for a failover that never comes. */
const HANG_MS_MAX = 60_000;

const missing = partsMissing() ?? netnsMissing();
let ends: TwoEnds;

beforeAll(async () => {
  if (missing !== undefined) return;
  ends = new TwoEnds();
  await ends.open();
  await ends.start();
});

afterAll(async () => ends?.close());

/** Cuts the first WAN, waits until the kernel sends over the second tunnel, and then for the rest of the hang. */
function witnessed(): { readonly route: string; readonly forMs: number } {
  const { branch, hub } = ends;
  const script = `
    const { execFileSync } = require('node:child_process');
    const { branch, hub, device, target, leastMs } = JSON.parse(process.argv[1]);
    const startedAtMs = performance.now();
    const ip = (...words) => execFileSync('ip', words, { encoding: 'utf8' });
    const rules = [
      'add table inet hole',
      'add chain inet hole in { type filter hook input priority 0; }',
      'add rule inet hole in iifname wan1 drop',
    ];
    for (const netns of [branch, hub])
      execFileSync('ip', ['netns', 'exec', netns, 'nft', '-f', '-'], { input: rules.join('\\n') + '\\n' });
    const look = () => {
      const route = ip('-n', branch, 'route', 'get', target);
      const forMs = performance.now() - startedAtMs;
      if (!route.includes(device)) return void setTimeout(look, 50);
      setTimeout(() => process.stdout.write(JSON.stringify({ route, forMs })), leastMs - forMs);
    };
    look();
  `;
  const asked = {
    branch: branch.netns.name,
    hub: hub.netns.name,
    device: branch.deviceName(2),
    target: BEHIND.hub,
    leastMs: HANG_MS_MIN,
  };
  const argv = ['-e', script, JSON.stringify(asked)];
  return JSON.parse(
    execFileSync(process.execPath, argv, { encoding: 'utf8', timeout: HANG_MS_MAX }),
  ) as { readonly route: string; readonly forMs: number };
}

test('traffic moves while the control thread hangs, and what happened is told afterwards', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  const { branch, hub } = ends;
  // A silence is told from one beat to the next.
  await new Promise((resolve) => setTimeout(resolve, 2 * BEAT_MS));
  // Last of all: a busy machine may take a session down and up again meanwhile.
  await branch.untilCalm();
  const since = branch.facts.length;
  const hungAtMs = liveClock.nowMs();
  const { route, forMs } = witnessed();
  const backAtMs = liveClock.nowMs();

  expect(branch.facts).toHaveLength(since);
  expect(route).toContain(branch.deviceName(2));
  await branch.untilActive('t2', since);
  const change = branch.departure('t1', since);
  expect(change?.detectedAtMs).toBeGreaterThan(hungAtMs);
  expect(change?.detectedAtMs).toBeLessThan(backAtMs);
  await hub.untilOn('t2');
  const silence = await branch.until(
    (fact) => fact.type === 'noted' && fact.note.code === 'controlThreadSilent',
    since,
  );
  expect(silence).toMatchObject({ note: { silentForMs: expect.any(Number) } });
  process.stdout.write(
    `    control thread hung for ${(backAtMs - hungAtMs).toFixed(0)} ms; the kernel sent over t2 after ` +
      `${forMs.toFixed(0)} ms (silent ${change?.silentForMs.toFixed(1)})\n`,
  );
});
