/**
 * No command acts twice, and each ends once, whatever happens to the line and the MCU. A seeded run in virtual time;
 * OPERATIONS=1000000 makes it a long one.
 */
import { expect, it } from 'vitest';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import type { BoardAction } from '../../../../sim/models/board/board-action.ts';
import { delayed, LineWorld, lossy, type Transport } from '../../../kit/line-transport.ts';

/** As many as two seconds of an idle machine allow. */
const OPERATIONS = Number(process.env['OPERATIONS'] ?? 20_000);
/** Worlds are begun anew so that histories stay short. */
const OPERATIONS_OF_A_WORLD = 1_000;

const FAULTS: readonly BoardAction[] = [
  { do: 'reboot' },
  { do: 'powerCut' },
  { do: 'rebootAtCommand', when: 'before' },
  { do: 'rebootAtCommand', when: 'after' },
  { do: 'silence', ms: 300 },
  { do: 'wedge' },
  { do: 'loseAcks', count: 3 },
  { do: 'duplicate', count: 5 },
  { do: 'swap', count: 3 },
  { do: 'delay', count: 3, ms: 700 },
  { do: 'garbage', bytes: 64 },
  { do: 'noise', ppm: 2_000 },
  { do: 'noise', ppm: 0 },
  { do: 'splits', bytes: 3 },
];

function runWorld(seed: number, operations: number): { commands: number; acted: number } {
  const random = new SeededRandom(seed);
  const transport: Transport = seed % 2 === 0 ? lossy : delayed;
  const world = new LineWorld(transport, seed);
  world.pass(2_000);
  let commands = 0;
  for (let operation = 0; operation < operations; operation += 1) {
    const drawn = random.next();
    if (drawn < 0.8) {
      const mode = operation % 2 === 0 ? 'on' : 'off';
      world.host.command({ kind: 'ledSet', led: 'CLOUD', mode });
      commands += 1;
    } else if (drawn < 0.84) {
      const action = FAULTS[random.u32() % FAULTS.length];
      if (action !== undefined) world.act({ type: 'actionAsked', action });
    }
    world.pass(random.u32() % 120);
  }
  world.pass(30_000);
  const acted = world.log.filter((text) => /^command \d+: LED/.test(text));
  expect(new Set(acted).size, `seed ${seed} acts twice`).toBe(acted.length);
  const ended = world.events.flatMap(({ event }) =>
    event.type === 'boardCommandDone' ? [event] : [],
  );
  const ids = new Set(ended.map(({ id }) => id));
  expect([ended.length, ids.size], `seed ${seed} ends each once`).toEqual([commands, commands]);
  const didAct = new Set(acted.map((text) => Number(text.split(/[ :]/)[1])));
  const claimed = ended.filter(({ ok, id }) => ok && !didAct.has(id));
  expect(claimed, `seed ${seed} claims what was not done`).toEqual([]);
  return { commands, acted: acted.length };
}

it(`no command acts twice in ${OPERATIONS} operations under faults`, { timeout: 1_800_000 }, () => {
  let commands = 0;
  let acted = 0;
  for (let seed = 1; seed <= Math.ceil(OPERATIONS / OPERATIONS_OF_A_WORLD); seed += 1) {
    const world = runWorld(seed, OPERATIONS_OF_A_WORLD);
    commands += world.commands;
    acted += world.acted;
  }
  expect(acted).toBeGreaterThan(commands / 8);
});
