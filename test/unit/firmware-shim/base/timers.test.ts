import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Timers } from '../../../../firmware-shim/base/timers.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;
const step = fc.record({
  name: fc.constantFrom(...NAMES),
  act: fc.constantFrom('set', 'clear', 'take', 'clearAll'),
  atMs: fc.integer({ min: 0, max: 20 }),
});

test('slots are set, moved, emptied and taken as a map of them would be', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const timers = new Timers<(typeof NAMES)[number]>();
      const model = new Map<string, number>();
      const taken: [boolean, boolean][] = [];
      for (const { name, act, atMs } of steps) {
        const due = (model.get(name) ?? Infinity) <= atMs;
        if (act === 'set') {
          timers.set(name, atMs);
          model.set(name, atMs);
        } else if (act === 'take') {
          taken.push([timers.take(name, atMs), due]);
          if (due) model.delete(name);
        } else if (act === 'clear') {
          timers.clear(name);
          model.delete(name);
        } else {
          timers.clearAll();
          model.clear();
        }
        for (const each of NAMES) expect(timers.at(each)).toBe(model.get(each));
        const firstAtMs = Math.min(...model.values());
        expect(timers.firstAtMs).toBe(firstAtMs);
        const deadline = timers.deadline();
        expect(deadline?.atMs).toBe(model.size === 0 ? undefined : firstAtMs);
        expect(deadline === undefined || model.get(deadline.why) === firstAtMs).toBe(true);
      }
      expect(taken.every(([took, due]) => took === due)).toBe(true);
    }),
  );
});
