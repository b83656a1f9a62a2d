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

test('whoever is due is woken once, the earliest first, and stands where it asked to', () => {
  const heap = new DueHeap<string>();
  for (const [key, atMs] of Object.entries({ a: 30, b: 10, c: 20, d: 40, e: 20.5 })) {
    heap.set(key, atMs);
  }
  const next: Readonly<Record<string, number>> = { a: 50, b: 5, c: Infinity, e: 31 };
  const woken: string[] = [];
  heap.wake(30, (key) => {
    woken.push(key);
    return next[key] ?? 0;
  });
  expect(woken).toEqual(['b', 'c', 'e', 'a']);
  const order: unknown[] = [];
  for (let first = heap.first(); first !== undefined; first = heap.first()) {
    order.push([first.key, first.atMs]);
    heap.remove(first.key);
  }
  expect(order).toEqual([
    ['b', 5],
    ['e', 31],
    ['d', 40],
    ['a', 50],
  ]);
});

test('who is put at no moment any more is gone', () => {
  const heap = new DueHeap<string>();
  heap.set('a', 10);
  heap.set('a', Infinity);
  expect(heap.size).toBe(0);
});

test('who is moved or taken out while somebody is woken stays so', () => {
  const heap = new DueHeap<string>();
  for (const key of ['a', 'b', 'c']) heap.set(key, 10);
  const woken: string[] = [];
  heap.wake(10, (key) => {
    woken.push(key);
    heap.remove('b');
    heap.set('c', 7);
    return 20;
  });
  expect(woken).toEqual(['a', 'c']);
});
