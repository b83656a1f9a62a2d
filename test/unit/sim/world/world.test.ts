import { expect, test } from 'vitest';
import type { Core, Deadline } from '../../../../firmware-shim/base/core.ts';
import { Driver } from '../../../../firmware-shim/base/drive.ts';
import { World } from '../../../../sim/world/world.ts';

test('time stands where the next due thing is, and things of one moment keep their order', async () => {
  const world = new World(1);
  const seen: string[] = [];
  world.at(20, 'b', () => seen.push(`b ${world.nowMs}`));
  world.at(10, 'a', () => seen.push(`a ${world.nowMs}`));
  world.at(20, 'c', () => seen.push(`c ${world.nowMs}`));
  await world.run(15);
  expect(seen).toEqual(['a 10']);
  await world.run(100);
  expect(seen).toEqual(['a 10', 'b 20', 'c 20']);
  expect(world.nowMs).toBe(100);
});

test('a core has one live wake-up: arming again replaces the former moment', async () => {
  const world = new World(1);
  let fired = 0;
  const alarm = world.alarm('core')(() => {
    fired += 1;
  });
  alarm.armAt(10);
  alarm.armAt(30);
  alarm.armAt(20);
  await world.run(100);
  expect(fired).toBe(1);
});

test('the driver loop of production runs a core on virtual time', async () => {
  const world = new World(1);
  const ticked: number[] = [];
  let nextMs = 50;
  const core: Core<never, string> = {
    handle: () => [],
    tick: (nowMs) => {
      nextMs = nowMs + 50;
      return ['beat'];
    },
    deadline: (): Deadline => ({ atMs: nextMs, why: 'beat' }),
  };
  const driver = new Driver({
    core,
    clock: world.clock,
    alarm: world.alarm('beat'),
    perform: (_effect, nowMs) => ticked.push(nowMs),
  });
  driver.start();
  await world.run(200);
  expect(ticked).toEqual([50, 100, 150, 200]);
});

test('parts that answer each other without end stop the run with their name', async () => {
  const world = new World(1);
  const again = (): void => {
    world.at(0, 'echo storm', again);
  };
  again();
  await expect(world.run(1)).rejects.toThrow(/does not come to rest.*echo storm/);
});

test('what a promise does belongs to the step it settles in', async () => {
  const world = new World(1);
  const seen: number[] = [];
  world.at(10, 'store', () => {
    world.promised();
    void Promise.resolve()
      .then(() => undefined)
      .then(() => seen.push(world.nowMs));
  });
  world.at(11, 'later', () => seen.push(world.nowMs));
  await world.run(20);
  expect(seen).toEqual([10, 11]);
});

test('the draws of one participant do not depend on those of another', () => {
  const first = new World(5);
  first.randomOf('noise').u32();
  const second = new World(5);
  expect(first.randomOf('branch').u32()).toBe(second.randomOf('branch').u32());
  expect(first.randomOf('branch').u32()).not.toBe(first.randomOf('hub').u32());
});

test('a wall clock jump moves no timer', async () => {
  const world = new World(1);
  const seen: number[] = [];
  const wallBeforeMs = world.wall.wallMs();
  world.at(10, 'jump', () => world.jumpWall(3_600_000));
  world.at(20, 'timer', () => seen.push(world.nowMs));
  await world.run(20);
  expect(seen).toEqual([20]);
  expect(world.wall.wallMs() - wallBeforeMs).toBe(3_600_020);
});
