/** F-36: the kernel refuses the fifth of ten steps; what the others did is undone, and the log names the step. */
import { expect, it } from 'vitest';
import { FakeKernel } from '../../sim/models/kernel/fake-kernel.ts';
import { refusedAtTheFifth, StateBench, wideUplinks } from '../kit/state-bench.ts';

/** F-36: undone by then. */
const UNDONE_MS = 3_000;

it('a document whose fifth step of ten the kernel refuses leaves the kernel as it was', () => {
  const later: (() => void)[] = [];
  let nowMs = 0;
  const kernel = new FakeKernel({ defer: (run) => later.push(run) });
  for (const { name, address } of wideUplinks) kernel.addDevice({ name, addresses: [address] });
  let taken = 0;
  const bench = new StateBench(
    (operation, done) => {
      taken += 1;
      kernel.perform(operation, done);
    },
    () => nowMs,
  );
  kernel.listen((events) => {
    const changes = events.filter((event) => event.type !== 'overrun');
    bench.hear({ type: 'kernelChanged', events: changes });
  });
  const settle = (): void => {
    for (let run = later.shift(); run !== undefined; run = later.shift()) run();
  };
  const pass = (ms: number): void => {
    const untilMs = nowMs + ms;
    for (let next = bench.side.deadline(); next !== undefined && next.atMs <= untilMs; ) {
      nowMs = Math.max(nowMs, next.atMs);
      bench.tick();
      settle();
      next = bench.side.deadline();
    }
    nowMs = untilMs;
  };
  const dump = (): readonly string[] => [
    ...kernel.text('route').split('\n').toSorted(),
    kernel.text('rule'),
  ];

  bench.start();
  settle();
  pass(5_000);
  const before = dump();
  expect(before.join('\n')).toContain('10.91.10.1');
  taken = 0;
  bench.receive(refusedAtTheFifth);
  settle();
  expect(taken).toBe(10);
  expect(dump()).not.toEqual(before);
  pass(UNDONE_MS);
  expect(dump()).toEqual(before);
  expect(bench.undone).toMatch(
    /EDESIRED_STEP, Route packets that belong to wan5 .*198\.51\.100\.1.*ENETUNREACH/,
  );
  expect(bench.side.progress).toMatchObject({
    revision: 1,
    refused: { revision: 2, code: 'EDESIRED_STEP', pointer: '/uplinks/4' },
  });
});
