import { expect, test } from 'vitest';
import type { Core } from '../../../../firmware-shim/base/core.ts';
import { Driver } from '../../../../firmware-shim/base/drive.ts';

/** Repeats what it hears, with the moment of it; each reading of the clock takes a millisecond. */
function scene() {
  const said: string[] = [];
  let nowMs = 0;
  const core: Core<string, string> = {
    handle: (event, atMs) => [`${event}@${atMs}`],
    tick: () => [],
    deadline: () => undefined,
  };
  const driver: Driver<string, string> = new Driver({
    core,
    clock: { nowMs: () => (nowMs += 1) },
    alarm: () => ({ armAt: () => undefined, disarm: () => undefined }),
    perform: (effect) => {
      said.push(effect);
      if (effect.startsWith('stop')) driver.stop();
      if (effect.startsWith('answer@')) driver.post('answered');
    },
  });
  return { driver, said };
}

test('events that arrived together are heard in order at one moment', () => {
  const { driver, said } = scene();
  driver.post('a', 'b', 'c');
  expect(said).toEqual(['a@1', 'b@1', 'c@1']);
});

test('what an effect posts is heard behind all that waited, at a moment of its own', () => {
  const { driver, said } = scene();
  driver.post('answer', 'b');
  expect(said).toEqual(['answer@1', 'b@1', 'answered@2']);
});

test('nothing of a burst is heard behind its stop', () => {
  const { driver, said } = scene();
  driver.post('stop', 'b');
  driver.post('c');
  expect(said).toEqual(['stop@1']);
});
