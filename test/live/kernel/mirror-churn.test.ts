import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { branchNetnsPerTest } from './branch-netns.ts';
import { becomesExact, DEFAULT_RCVBUF_BYTES, mirrored } from './mirrored-netns.ts';

const branch = branchNetnsPerTest();

const [BATCHES, COMMANDS] = [30, 4];

function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  const item = items[random.u32() % items.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** One `ip` command of some effect, or refused: what is there is left to chance. */
function randomCommand(random: SeededRandom): string {
  const at = pick(random, [1, 2]);
  const [dev, far] = [`wan${at}`, `wan${at}far`];
  const upDown = pick(random, ['up', 'up', 'down']);
  const addDelete = pick(random, ['add', 'add', 'del']);
  const verb = pick(random, ['add', 'replace', 'append', 'del']);
  const id = pick(random, [at, 10, 11]);
  const network = `10.9${random.u32() % 3}.0.0/16`;
  const path = pick(random, [
    `dev ${dev}`,
    `via 10.${at}.0.2`,
    `via 10.${at}.0.${2 + (random.u32() % 3)}`,
    `via 10.${at}.0.2 src 10.${at}.0.1`,
    `nhid ${id}`,
    'nexthop via 10.1.0.2 nexthop via 10.2.0.2',
  ]);
  const extra = pick(random, ['', '', 'metric 7', 'table 100', 'tos 0x10']);
  return pick(random, [
    `link set ${dev} ${upDown}`,
    `link set ${far} ${upDown}`,
    `link set ${dev} mtu ${pick(random, [1400, 1500])}`,
    `addr ${addDelete} 10.${at}.0.1/24 dev ${dev}`,
    `addr ${addDelete} 10.${at}.1.1/24 dev ${dev}`,
    `addr ${addDelete} 10.1.0.1/24 dev ${dev}`,
    `addr ${addDelete} fd0${at}::1/64 dev ${dev}`,
    `neigh ${pick(random, ['replace', 'del'])} 10.${at}.0.9 lladdr 02:00:00:00:00:09 dev ${dev}`,
    `neigh ${pick(random, ['replace', 'del'])} fd0${at}::9 lladdr 02:00:00:00:00:09 dev ${dev}`,
    `nexthop ${pick(random, ['replace', 'replace', 'del'])} id ${at} via 10.${at}.0.2 dev ${dev} proto 196`,
    `nexthop replace id 10 group ${pick(random, ['1', '2', '1/2', '1,3/2'])} proto 196`,
    `nexthop replace id 11 group ${at} proto 196`,
    `route ${verb} ${network} proto 196 ${extra} ${path}`,
    `route ${verb} ${network} proto 196 ${extra} ${path}`,
    `route ${verb} ${network} proto 196 ${extra} ${path}`,
    `route ${verb} fd9${random.u32() % 2}::/32 via fd0${at}::${2 + (random.u32() % 3)} proto 196`,
    `route ${verb} fd9${random.u32() % 2}::/32 dev ${dev} proto 196`,
    `rule ${addDelete} fwmark ${at} lookup 100 priority ${pick(random, [900, 901])}`,
  ]);
}

test.each([
  { buffer: 'a buffer that holds the burst', rcvbufBytes: undefined, overruns: false, rounds: 15 },
  // Each round waits until the kernel has been asked for everything again.
  {
    buffer: 'a buffer that overruns',
    rcvbufBytes: DEFAULT_RCVBUF_BYTES / 64,
    overruns: true,
    rounds: 6,
  },
])('after random churn of everything the mirror is what ip(8) shows, with $buffer', async (row) => {
  const { netns, makeWan } = branch();
  await makeWan('wan1', '10.1.0.1');
  await makeWan('wan2', '10.2.0.1');
  const { kernel, mirror, until } = await mirrored(netns, row.rcvbufBytes);
  const random = new SeededRandom(196);
  for (let round = 1; round <= row.rounds; round += 1) {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const commands = Array.from({ length: COMMANDS }, () => randomCommand(random));
      // Many are refused, as they would be for anybody: `-force` goes on after most refusals.
      const words = ['-n', netns.name, '-force', '-batch', '-'];
      const ip = spawn('ip', words, { stdio: ['pipe', 'ignore', 'ignore'] });
      ip.stdin.end(`${commands.join('\n')}\n`);
      // The mirror hears and looks meanwhile.
      await once(ip, 'exit');
    }
    await becomesExact(netns, mirror, until);
  }
  process.stdout.write(`churn: ${JSON.stringify({ ...kernel.counters(), ...mirror.counters })}\n`);
  expect(kernel.counters().overruns > 0).toBe(row.overruns);
});
