import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Where the codes of configuration and doors are made. */
const FOLDERS = ['agent/contract', 'agent/adapters', 'agent/diag'];
const CODE = /'((?:ECONFIG|ECONTROL|EPAGE|EDOOR)_[A-Z_]+)'/g;

describe('docs/OPERATIONS.md', () => {
  it('explains every error code of configuration, control socket and page', () => {
    const page = readFileSync('docs/OPERATIONS.md', 'utf8');
    const codes = FOLDERS.flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.ts'))
        .flatMap((file) => [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(CODE)]),
    ).map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(30);
    expect([...new Set(codes)].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });
});
