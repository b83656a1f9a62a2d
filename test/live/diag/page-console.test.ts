/** A box out of its carton: the page is where a technician types it in, and nowhere else. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';

const VISIT = new URL('console-visit.ts', import.meta.url).pathname;
const missing = netnsMissing();
let box: ScratchNetns;

beforeEach((ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  box = scratchNetns();
  box.ipBatch([
    'link set lo up',
    'link add mgt0 type veth peer name laptop0',
    'address add 192.168.0.1/24 dev mgt0',
    'link add wan1 type veth peer name isp0',
    'address add 192.168.88.1/24 dev wan1',
    ...['mgt0', 'laptop0', 'wan1', 'isp0'].map((name) => `link set ${name} up`),
  ]);
});

afterEach(() => box?.remove());

it('the page is at the address of the management port, under that name alone, and not on an uplink', () => {
  const argv = ['netns', 'exec', box.name, process.execPath, ...process.execArgv, VISIT];
  const seen: unknown = JSON.parse(execFileSync('ip', argv, { encoding: 'utf8' }));
  expect(seen).toEqual({
    console: 200,
    rebound: 421,
    uplink: 'ECONNREFUSED',
    elsewhere: 'ECONNREFUSED',
  });
});
