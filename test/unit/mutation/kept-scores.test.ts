/** What lets a run leave out an area: nothing it depends on has changed, down to what its tests load. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AREAS } from '../../mutation/areas.ts';
import { fingerprintOf, loadedBy } from '../../mutation/fingerprint.ts';
import { readKept, withTable } from '../../mutation/kept-scores.ts';

const SOURCES: Readonly<Record<string, string>> = {
  'test/a.test.ts': `
    import { expect } from 'vitest';
    import type { Shape } from '../types.ts';
    import { a } from '../core/a.ts';
    it('loads', async () => (await import('../core/late.ts')).late);
    new Worker(new URL('./thread.ts', import.meta.url));`,
  'core/a.ts': "import './b.ts';\nexport { c } from './c.ts';",
  'core/b.ts': "import { a } from './a.ts';",
  'core/c.ts': 'export const c = 1;',
  'core/late.ts': '',
  'test/thread.ts': '',
};

test('a test depends on all that is loaded for it, and on no types', () => {
  const read = (path: string): string => {
    const source = SOURCES[path];
    if (source === undefined) throw new Error(`${path} is not loaded`);
    return source;
  };
  expect([...loadedBy(['test/a.test.ts'], read)].toSorted()).toEqual(
    Object.keys(SOURCES).toSorted(),
  );
});

test.each([
  'agent/tunnel/bfd/bfd-session.ts',
  'test/unit/agent/tunnel/bfd-session.test.ts',
  'firmware-shim/base/timers.ts',
  'test/kit/advance.ts',
  'test/mutation/runner.ts',
])('a change of %s is one of the area of liveness', (changed) => {
  const asItIs = (path: string): string => readFileSync(path, 'utf8');
  const before = fingerprintOf(AREAS.bfd, asItIs);
  const after = fingerprintOf(AREAS.bfd, (path) => asItIs(path) + (path === changed ? ' ' : ''));
  expect(after).not.toBe(before);
});

test('each area has a score that holds, and the docs show it', () => {
  const kept = readKept();
  expect(kept.map(({ area }) => area)).toEqual(Object.keys(AREAS));
  for (const { area, score } of kept)
    expect({ area, holds: score >= 80 }).toEqual({ area, holds: true });
  const docs = readFileSync('docs/TESTING.md', 'utf8');
  expect(withTable(docs, kept)).toBe(docs);
});
