import { expect, test } from 'vitest';
import { DiskPatience } from '../../../../agent/state/disk-patience.ts';
import { desired, received } from '../../../kit/branch.ts';

const first = received(desired({ revision: 1 }));
const second = received(desired({ revision: 2 }));

function patience(code: string | undefined): DiskPatience {
  const core = new DiskPatience();
  core.handle({ ...first, type: 'takenUp' }, 0);
  core.handle({ type: 'judged', code }, 0);
  return core;
}

test('the last document is taken up again five seconds after the disk refused it, and again after each refusal', () => {
  const core = patience('ESTORAGE');
  expect(core.deadline()?.atMs).toBe(5_000);
  expect(core.tick(5_000)).toEqual([first]);
  expect(core.deadline()).toBeUndefined();
  core.handle({ type: 'judged', code: 'ESTORAGE' }, 5_001);
  expect(core.tick(10_001)).toEqual([first]);
});

test('a document that was refused for what it says, or that was accepted, is left alone', () => {
  expect(patience('EDESIRED_MTU').deadline()).toBeUndefined();
  const core = patience('ESTORAGE');
  core.handle({ type: 'judged', code: undefined }, 1_000);
  expect(core.deadline()).toBeUndefined();
});

test.each([
  ['something that is no document', 'EPAYLOAD_DEPTH'],
  ['another document with the same revision', 'EDESIRED_FORKED'],
])('%s does not take the place of the one that waits', (_, code) => {
  const core = patience('ESTORAGE');
  core.handle({ type: 'judged', code }, 1_000);
  expect(core.tick(5_000)).toEqual([first]);
});

test('a document that follows takes the place of the one that waits', () => {
  const core = patience('ESTORAGE');
  core.handle({ ...second, type: 'takenUp' }, 1_000);
  expect(core.deadline()).toBeUndefined();
  core.handle({ type: 'judged', code: 'ESTORAGE' }, 1_000);
  expect(core.tick(6_000)).toEqual([second]);
});
