import { expect, test } from 'vitest';
import { isBystander } from '../../../../agent/tunnel/choice/hub-choice.ts';

test('only the active tunnel and the one the branch named move a hub whose tunnel stands', () => {
  expect(isBystander('t3', 't1', 't2')).toBe(true);
  expect(isBystander('t3', 't1', undefined)).toBe(true);
  expect(isBystander('t1', 't1', 't2')).toBe(false);
  expect(isBystander('t2', 't1', 't2')).toBe(false);
});
