import { expect, test } from 'vitest';
import { ReturnPath } from '../../../../sim/models/far-end/return-path.ts';

test('the gateway that serves last is used', () => {
  const path = new ReturnPath('a');
  path.hear('b', true);
  expect(path.gateway).toBe('b');
});

test('an older choice heard late is given up when the newer one is heard there too', () => {
  const path = new ReturnPath('a');
  path.hear('a', true);
  path.hear('b', true);
  path.hear('b', false);
  expect(path.gateway).toBe('a');
});

test('where none serves, nothing changes', () => {
  const path = new ReturnPath('a');
  path.hear('b', true);
  path.hear('b', false);
  expect(path.gateway).toBe('b');
});
