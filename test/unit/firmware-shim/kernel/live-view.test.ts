import { beforeEach, expect, test } from 'vitest';
import { LiveView } from '../../../../firmware-shim/kernel/live-view.ts';
import type { KernelDump, KernelDumpResult } from '../../../../firmware-shim/kernel/operations.ts';
import type { KernelEvent } from '../../../../firmware-shim/kernel/types.ts';

let asked: { what: KernelDump; done: (result: KernelDumpResult) => void }[];
let batches: (readonly KernelEvent[])[];
let gaps: (() => void)[];
let view: LiveView;

beforeEach(() => {
  asked = [];
  batches = [];
  gaps = [];
  view = new LiveView({
    dump: (what, done) => asked.push({ what, done }),
    deliver: (events) => batches.push(events),
    afterMs: (_, run) => gaps.push(run),
  });
});

const removed = (id: number): KernelEvent => ({ type: 'nexthopRemoved', id });
const link = (index: number): KernelEvent => ({
  type: 'linkChanged',
  link: { index, name: `eth${index}`, adminUp: true, carrier: true, mtu: 1500 },
});

/** Every dump asked for so far is answered; the one of links with `links`. */
function answerDumps(links: readonly KernelEvent[]): void {
  for (const { what, done } of asked.splice(0)) {
    done({ ok: true, objects: what.dump === 'links' ? links : [] });
  }
}

test('the whole present state comes first, as one batch', () => {
  view.start();
  expect(asked.map(({ what }) => what.dump)).toEqual([
    'links',
    'addresses',
    'nexthops',
    'routes',
    'rules',
  ]);
  answerDumps([link(1)]);
  expect(batches).toEqual([[link(1)]]);
});

test('neighbours belong to the view only where they are asked for', () => {
  const port = { deliver: () => undefined, afterMs: () => undefined };
  const heard: string[] = [];
  const withNeighbours = new LiveView({ ...port, dump: ({ dump }) => heard.push(dump) }, true);
  withNeighbours.start();
  expect(heard.at(-1)).toBe('neighbours');
});

test('changes during the dump come after it, later ones at once', () => {
  view.start();
  view.changed([removed(7)]);
  expect(batches).toEqual([]);
  answerDumps([link(1)]);
  view.changed([removed(8)]);
  expect(batches).toEqual([[link(1)], [removed(7)], [removed(8)]]);
});

test('after an overrun the whole state comes again, opened by the news of it', () => {
  view.start();
  answerDumps([link(1)]);
  gaps.shift()?.();
  view.overrun();
  view.changed([removed(9)]);
  answerDumps([link(2)]);
  expect(batches.slice(1)).toEqual([[{ type: 'overrun' }, link(2)], [removed(9)]]);
  expect(view.counters).toMatchObject({ overruns: 1, resyncs: 1 });
});

test('changes from before an overrun are not replayed over the fresh view', () => {
  view.start();
  view.changed([removed(7)]);
  view.overrun();
  view.changed([removed(8)]);
  answerDumps([link(1)]);
  expect(batches).toEqual([]);
  gaps.shift()?.();
  answerDumps([link(2)]);
  expect(batches).toEqual([[link(2)]]);
});

test('overruns in quick succession cost one dump per gap, and changes pass meanwhile', () => {
  view.start();
  answerDumps([]);
  view.overrun();
  view.overrun();
  expect(asked).toEqual([]);
  view.changed([link(3)]);
  expect(batches).toEqual([[], [link(3)]]);
  gaps.shift()?.();
  answerDumps([link(4)]);
  expect(batches.at(-1)).toEqual([{ type: 'overrun' }, link(4)]);
});

test('a dump the kernel refuses is tried again after the gap', () => {
  view.start();
  const refusal = { code: 'EINTR', errno: 4, text: '' };
  for (const { done } of asked.splice(0)) done({ ok: false, refusal });
  expect(batches).toEqual([]);
  gaps.shift()?.();
  answerDumps([link(1)]);
  expect(batches).toEqual([[link(1)]]);
  expect(view.counters.failedDumps).toBe(5);
});

test('a stopped view tells nothing more, whatever still arrives', () => {
  view.start();
  view.stop();
  answerDumps([link(1)]);
  view.changed([removed(1)]);
  view.overrun();
  gaps.shift()?.();
  expect(batches).toEqual([]);
  expect(asked).toEqual([]);
});
