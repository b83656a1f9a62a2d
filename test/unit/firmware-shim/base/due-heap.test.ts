import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueHeap } from '../../../../firmware-shim/base/due-heap.ts';

const step = fc.record({
  key: fc.integer({ min: 0, max: 20 }),
  atMs: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
});

test('after any settings, moves and removals the first is the earliest of those that stand', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const heap = new DueHeap<number>();
      const model = new Map<number, number>();
      for (const { key, atMs } of steps) {
        if (atMs === undefined) {
          heap.remove(key);
          model.delete(key);
        } else {
          heap.set(key, atMs);
          model.set(key, atMs);
        }
        expect(heap.size).toBe(model.size);
        const first = heap.first();
        expect(first?.atMs).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        expect(first === undefined || model.get(first.key) === first.atMs).toBe(true);
      }
    }),
  );
});
