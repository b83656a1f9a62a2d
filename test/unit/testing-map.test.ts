import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROW = /^\| ((?:AB|F)-\d\d|[IS]\d+) \| (?:`([^`]+)`|—) \| (.+) \|$/gm;

const rows = [...readFileSync('docs/TESTING.md', 'utf8').matchAll(ROW)].map(
  ([, id = '', file, name = '']) => ({ id, file, name }),
);

function numbered(prefix: string, count: number, width: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => prefix + String(at + 1).padStart(width, '0'));
}

test('every abuse case, fault, invariant and rule has its row, once', () => {
  expect(rows.map(({ id }) => id)).toEqual([
    ...numbered('AB-', 40, 2),
    ...numbered('F-', 40, 2),
    ...numbered('I', 13, 1),
    ...numbered('S', 10, 1),
  ]);
});

function isHeld({ file, name }: (typeof rows)[number]): boolean {
  if (file === undefined) return name.startsWith('no test: ');
  return existsSync(file) && readFileSync(file, 'utf8').includes(name);
}

test.each(rows)('$id is held by a test that exists, or says that none does', (row) => {
  expect(isHeld(row)).toBe(true);
});
