/** The packets of the relay that wait for their moment. */
import { expect, test } from 'vitest';
import { PacketShelf } from '../../../../sim/lab/packet-shelf.ts';

const packet = (mark: number): Uint8Array => Uint8Array.of(mark);

function marks(shelf: PacketShelf<string>, nowMs: number): readonly (number | undefined)[] {
  return shelf.takeDue(nowMs).map(({ bytes }) => bytes[0]);
}

test('packets leave at their moment and in its order, whatever order they came in', () => {
  const shelf = new PacketShelf<string>();
  shelf.put('wan1', packet(2), 20);
  shelf.put('wan2', packet(1), 10);
  shelf.put('wan1', packet(3), 20);
  expect(marks(shelf, 9)).toEqual([]);
  expect(marks(shelf, 10)).toEqual([1]);
  expect(marks(shelf, 25)).toEqual([2, 3]);
  expect(marks(shelf, 1_000)).toEqual([]);
});

test('more than it holds is lost and not kept', () => {
  const shelf = new PacketShelf<string>();
  for (let at = 0; at < 20_000; at += 1) shelf.put('wan1', packet(0), at);
  expect(shelf.takeDue(Number.POSITIVE_INFINITY)).toHaveLength(10_000);
});
