import type { MutantResult } from '@stryker-mutator/api/core';
import { expect, test } from 'vitest';
import { scoreOf, survivorLine, tableOf } from '../../mutation/score.ts';

type Status = MutantResult['status'];

const mutant = (fileName: string, status: Status): MutantResult => ({
  id: '1',
  fileName,
  status,
  mutatorName: 'BooleanLiteral',
  replacement: 'true',
  location: { start: { line: 7, column: 3 }, end: { line: 7, column: 8 } },
});
const statuses: readonly Status[] = [
  'Killed',
  'Timeout',
  'Survived',
  'NoCoverage',
  'Ignored',
  'RuntimeError',
];
const SCORE = scoreOf(
  'area',
  [...statuses.map((status) => mutant('/root/b.ts', status)), mutant('/root/a.ts', 'Killed')],
  (file) => file.replace('/root/', ''),
);

test('a score is what was noticed of what could be, by file and together', () => {
  expect(SCORE).toMatchObject({ mutants: 5, noticed: 3, survived: 1, unreached: 1, score: 60 });
  expect(SCORE.files.map(({ file, score }) => [file, score])).toEqual([
    ['a.ts', 100],
    ['b.ts', 50],
  ]);
});

test('whoever was not noticed is named with its place, also when no test came by', () => {
  expect(SCORE.survivors.map(survivorLine)).toEqual([
    'b.ts:7:3  BooleanLiteral: true',
    'b.ts:7:3  BooleanLiteral: true  (no test comes by)',
  ]);
});

test('the table has a row for the area and one for each file', () => {
  expect(tableOf([SCORE]).split('\n').slice(2)).toEqual([
    '| **area** | 5 | 3 | 1 | 1 | 60.0 |',
    '| `a.ts` | 1 | 1 | 0 | 0 | 100.0 |',
    '| `b.ts` | 4 | 2 | 1 | 1 | 50.0 |',
  ]);
});
