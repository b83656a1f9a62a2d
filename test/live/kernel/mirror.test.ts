import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { branchNetnsPerTest } from './branch-netns.ts';
import { ipPicture, ipRoutes, mirroredRoutes, mirrorPicture } from './ip-oracle.ts';
import { becomesExact, DEFAULT_RCVBUF_BYTES, mirrored } from './mirrored-netns.ts';

const branch = branchNetnsPerTest();

const ROUTE_CHANGES = 20_000;
const BLOCKED_MS = 1_500;
/** The promise for a quiet machine; a loaded one gets ten times as long. */
const EXACT_AFTER_MS = 1_000;

/** 12,000 routes come, 4,000 of them are replaced and 4,000 others go again. */
function routeChanges(): readonly string[] {
  const destination = (at: number): string => `10.${100 + (at >> 8)}.${at & 255}.0/24`;
  const numbers = Array.from({ length: 12_000 }, (_, at) => at);
  return [
    ...numbers.map((at) => `route add blackhole ${destination(at)} proto 196`),
    ...numbers
      .slice(0, 4_000)
      .map((at) => `route replace unreachable ${destination(at)} proto 196`),
    ...numbers.slice(8_000).map((at) => `route del blackhole ${destination(at)} proto 196`),
  ];
}

describe('twenty thousand route changes while the loop is blocked', () => {
  test.each([
    { buffer: 'the default buffer', rcvbufBytes: DEFAULT_RCVBUF_BYTES },
    { buffer: 'our own buffer', rcvbufBytes: undefined },
  ])('with $buffer the mirror is exact soon after', async ({ rcvbufBytes }) => {
    const { netns } = branch();
    const { kernel, mirror, news, until } = await mirrored(netns, rcvbufBytes);
    const commands = routeChanges();
    expect(commands).toHaveLength(ROUTE_CHANGES);
    const directory = mkdtempSync(join(tmpdir(), 'sagk-'));
    const file = join(directory, 'changes');
    writeFileSync(file, `${commands.join('\n')}\n`);
    const fromMs = performance.now();
    // The loop is blocked for as long as all changes take, however slow the machine, and for the full time at least.
    execFileSync('ip', ['-n', netns.name, '-batch', file], { stdio: 'inherit' });
    const leftMs = Math.max(0, BLOCKED_MS - (performance.now() - fromMs));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leftMs);
    const freeMs = performance.now();
    const truth = ipRoutes(netns, 196);
    expect(truth).toHaveLength(8_000);
    const isExact = (): boolean =>
      mirror.isSure && JSON.stringify(mirroredRoutes(mirror, 196)) === JSON.stringify(truth);
    await until(isExact);
    const exactAfterMs = performance.now() - freeMs;
    rmSync(directory, { recursive: true });
    const counters = { ...kernel.counters(), ...mirror.counters };
    process.stdout.write(
      `exact ${exactAfterMs.toFixed(0)} ms after the loop was free: ${JSON.stringify(counters)}\n`,
    );
    expect(exactAfterMs).toBeLessThan(10 * EXACT_AFTER_MS);
    // Either buffer is too small for this: 4 MiB hold some 10,000 changes.
    expect(kernel.counters().overruns).toBeGreaterThan(0);
    const notes = news.flatMap(({ note }) => note ?? []);
    expect(notes).toHaveLength(kernel.counters().resyncs);
    expect(mirrorPicture(mirror)).toEqual(ipPicture(netns));
  });
});

describe('what the kernel does not tell', () => {
  test.each([
    { loss: 'the cable at the far end', words: ['link', 'set', 'wan1far', 'down'] },
    { loss: 'the device taken down', words: ['link', 'set', 'wan1', 'down'] },
    { loss: 'the last IPv4 address', words: ['addr', 'del', '10.1.0.1/24', 'dev', 'wan1'] },
    { loss: 'a nexthop', words: ['nexthop', 'del', 'id', '1'] },
    { loss: 'the device', words: ['link', 'del', 'wan1'] },
  ])('$loss lost: the mirror knows what went with it', async ({ words }) => {
    const { netns, makeWan } = branch();
    await makeWan('wan1', '10.1.0.1');
    await makeWan('wan2', '10.2.0.1');
    netns.ipBatch([
      'addr add fd01::1/64 dev wan1 nodad',
      'neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev wan1',
      'neigh add fd01::9 lladdr 02:00:00:00:00:09 dev wan1',
      'nexthop add id 1 via 10.1.0.2 dev wan1 proto 196',
      'nexthop add id 2 via 10.2.0.2 dev wan2 proto 196',
      'nexthop add id 3 via fd01::2 dev wan1 proto 196',
      'nexthop add id 9 blackhole proto 196',
      'nexthop add id 10 group 1/2 proto 196',
      'nexthop add id 11 group 1 proto 196',
      'nexthop add id 12 group 3 proto 196',
      'route add 10.50.0.0/16 nhid 10 proto 196',
      'route add 10.51.0.0/16 nhid 11 proto 196',
      'route add 10.52.0.0/16 nhid 1 proto 196',
      'route add fd50::/16 nhid 12 proto 196',
      'route add fd51::/16 via fd01::2 proto 196',
      'route add 10.53.0.0/16 via 10.1.0.2 proto 196',
      'route add 10.54.0.0/16 via 10.2.0.2 src 10.1.0.1 proto 196',
      'route add 10.55.0.0/16 via 10.2.0.2 src 10.1.0.1 proto 196 table 100',
      'route add 10.56.0.0/16 proto 196 nexthop via 10.1.0.2 nexthop via 10.2.0.2',
      'route add 10.57.0.0/16 proto 196 nexthop via 10.1.0.2 nexthop via 10.1.0.3',
      'route add 10.58.0.0/16 via 10.1.0.2 proto 196 tos 0x10',
    ]);
    const { mirror, until } = await mirrored(netns);
    await becomesExact(netns, mirror, until);
    netns.ip(...words);
    await becomesExact(netns, mirror, until);
    process.stdout.write(`${words.join(' ')}: ${JSON.stringify(mirror.counters)}\n`);
  });
});
