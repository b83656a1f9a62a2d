import { expect, test } from 'vitest';
import { NAME_TROUBLES } from '../../../../sim/models/far-end/name-servers.ts';
import { drawFaults, drawNameTrouble, faultText } from '../../../../sim/world/faults/fault.ts';
import { drawOptions, printOptions } from '../../../../sim/world/options.ts';
import { World } from '../../../../sim/world/world.ts';

const TARGETS = {
  uplinks: ['wan1', 'wan2'],
  gateways: ['gw-a', 'gw-b'],
  paths: ['wan1/gw-a', 'wan2/gw-b'],
  tunnels: ['wan1-gw-a', 'wan2-gw-b'],
};

function drawn(seed: number) {
  return drawFaults(new World(seed).randomOf('faults'), TARGETS, 5_000, 30_000);
}

function ofNames(seed: number) {
  return drawNameTrouble(new World(seed).randomOf('name faults'), TARGETS, 5_000, 30_000);
}

test('the same seed draws the same faults, another seed others', () => {
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
});

test('faults come in order of time and inside their span', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const moments = drawn(seed).map((timed) => timed.atMs);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(moments.every((atMs) => atMs >= 5_000 && atMs <= 30_000)).toBe(true);
  }
});

test('two hundred seeds draw every kind of fault', () => {
  const kinds = new Set<string>();
  for (let seed = 0; seed < 200; seed += 1) {
    for (const { fault } of drawn(seed)) kinds.add(fault.kind);
  }
  expect(kinds.size).toBe(43);
});

test('two hundred seeds draw every trouble of name servers, in about half of them, inside their span', () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => ofNames(seed));
  const faults = seeds.flat();
  expect(new Set(faults.map(({ fault }) => 'how' in fault && fault.how)).size).toBe(
    NAME_TROUBLES.length,
  );
  expect(faults.length).toBeGreaterThan(70);
  expect(faults.length).toBeLessThan(130);
  expect(faults.every(({ atMs }) => atMs >= 5_000 && atMs <= 30_000)).toBe(true);
});

test('a fault prints with all its values', () => {
  expect(faultText({ kind: 'serialNoise', noisePpm: 12, forMs: 3.5 })).toBe(
    'serialNoise noisePpm=12 forMs=3.5',
  );
});

test('every drawn option is printed with the seed', () => {
  const world = new World(9);
  printOptions(world, drawOptions(world.randomOf('options'), TARGETS.paths));
  const text = world.transcript.toText();
  for (const word of ['seed=9', 'threadHopMs=', 'storeMs=', 'wan1/gw-a', 'wan2/gw-b']) {
    expect(text).toContain(word);
  }
});
