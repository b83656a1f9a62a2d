import { expect, test } from 'vitest';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { DueQueue, type Ticket } from '../../../../sim/world/due-queue.ts';

function drain(queue: DueQueue<string>): readonly string[] {
  const seen: string[] = [];
  for (let due = queue.shift(); due !== undefined; due = queue.shift()) seen.push(due.item);
  return seen;
}

test('things come out in order of time', () => {
  const queue = new DueQueue<string>();
  queue.push(30, 'c');
  queue.push(10, 'a');
  queue.push(20, 'b');
  expect(drain(queue)).toEqual(['a', 'b', 'c']);
});

test('things due at one moment come out in the order they were put', () => {
  const queue = new DueQueue<string>();
  for (const name of ['a', 'b', 'c', 'd', 'e']) queue.push(5, name);
  expect(drain(queue)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a removed thing never comes out and cannot be removed twice', () => {
  const queue = new DueQueue<string>();
  queue.push(1, 'a');
  const ticket = queue.push(2, 'b');
  queue.push(3, 'c');
  expect([queue.remove(ticket), queue.remove(ticket)]).toEqual([true, false]);
  expect(drain(queue)).toEqual(['a', 'c']);
});

test('any mix of pushes and removals leaves what a sorted list would', () => {
  const random = new SeededRandom(7);
  const queue = new DueQueue<string>();
  const tickets: { readonly ticket: Ticket; readonly atMs: number; readonly item: string }[] = [];
  for (let turn = 0; turn < 3_000; turn += 1) {
    const victim = tickets[random.u32() % Math.max(1, tickets.length)];
    if (random.next() < 0.4 && victim !== undefined) {
      queue.remove(victim.ticket);
      tickets.splice(tickets.indexOf(victim), 1);
    } else {
      const atMs = random.u32() % 50;
      const item = `item ${turn}`;
      tickets.push({ ticket: queue.push(atMs, item), atMs, item });
    }
  }
  const expected = tickets.toSorted((a, b) => a.atMs - b.atMs).map((entry) => entry.item);
  expect(drain(queue)).toEqual(expected);
});
