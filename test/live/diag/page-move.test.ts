/** The LAN port whose address the page has gets another one: the page goes along, and back with it. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';

const VISIT = new URL('page-move-visit.ts', import.meta.url).pathname;
/** Only against hanging for ever. */
const HANG_MS = 60_000;
const missing = netnsMissing();
let box: ScratchNetns;

beforeEach((ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  box = scratchNetns();
  box.ipBatch([
    'link set lo up',
    'link add lan0 type veth peer name laptop0',
    'address add 192.168.10.1/24 dev lan0',
    'link set lan0 up',
    'link set laptop0 up',
  ]);
});

afterEach(() => box?.remove());

it('the page is at both addresses while there are two, says so to who looks at it, and leaves the old one with it', () => {
  const argv = ['netns', 'exec', box.name, process.execPath, ...process.execArgv, VISIT];
  const seen: unknown = JSON.parse(
    execFileSync('ip', argv, { encoding: 'utf8', timeout: HANG_MS }),
  );
  expect(seen).toEqual({
    before: 200,
    both: [200, 200],
    notice: { type: 'moving', to: 'http://192.168.30.1:8080/' },
    moved: [200, 421],
    back: [200, 421],
    after: 'ECONNREFUSED',
  });
});
