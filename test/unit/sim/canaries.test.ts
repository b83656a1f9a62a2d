import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CANARIES, type Canary } from '../../../sim/canaries/canaries.ts';
import { planted } from '../../../sim/canaries/planting.ts';

const canaries = Object.entries<Canary>(CANARIES);

test('there are at least eight canaries, in as many files', () => {
  expect(new Set(canaries.map(([, { file }]) => file)).size).toBeGreaterThanOrEqual(8);
});

test.each(canaries)(
  '%s has exactly one place to be planted in, and no source holds it',
  (_, canary) => {
    const source = readFileSync(canary.file, 'utf8');
    expect(planted(canary, source)).not.toBe(source);
    if (!source.includes(canary.find.trim())) throw new Error('the place is gone');
  },
);

test.each(canaries)('docs/TESTING.md says which seed finds %s', (name, { file, bug, foundBy }) => {
  const row = `| \`${name}\` | \`${file}\` | ${bug} | ${foundBy} | `;
  expect(readFileSync('docs/TESTING.md', 'utf8')).toContain(row);
});
