import { expect, test } from 'vitest';
import { checkPrefixes } from '../../../../agent/routes/prefix-overlap.ts';
import { branchPlan, branchVia, started } from '../../../kit/fast-path-lab.ts';

test.each([
  ['192.168.10.0/24', 'equal'],
  ['192.168.10.128/25', 'inside'],
  ['192.168.0.0/16', 'around'],
])('a published prefix %s (%s of a LAN prefix) is refused and the rest is kept', (prefix) => {
  const { kept, refused } = checkPrefixes(['10.80.0.0/16', prefix], ['192.168.10.0/24']);
  expect(kept).toHaveLength(1);
  expect(refused).toEqual([
    { prefix, because: 'it overlaps the LAN prefix 192.168.10.0/24', conflict: '192.168.10.0/24' },
  ]);
});

test('the default route contains every LAN and takes nothing from it', () => {
  expect(checkPrefixes(['0.0.0.0/0', '::/0'], ['192.168.10.0/24', 'fd00::/8']).refused).toEqual([]);
});

test('what is no prefix is refused too', () => {
  expect(checkPrefixes(['banana'], []).refused[0]?.because).toBe('it is no prefix');
});

test('a refused prefix is noted once, shown, and the others carry traffic', () => {
  const prefixes = ['10.80.0.0/16', '192.168.7.0/25'];
  const plan = branchPlan({ prefixes, lanPrefixes: ['192.168.7.0/24'] });
  const lab = started(1, plan);
  lab.branch.post({ type: 'planReceived', plan: { ...plan, revision: 2 } });
  const notes = lab.branch.notes().filter((note) => note.code === 'prefixRefused');
  expect(notes).toHaveLength(1);
  expect(branchVia(lab)).toBe('wgb1');
  expect(lab.branch.kernel.text('route')).not.toContain('192.168.7.0/25');
  expect(lab.branch.wiring.snapshot(lab.nowMs).routes).toMatchObject({
    installed: true,
    refused: [{ prefix: '192.168.7.0/25' }],
  });
});
