/**
 * The house rules that no linter knows, as a test.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOTS = ['firmware-shim', 'agent', 'sim', 'test', 'bench', 'tools'];
const LINES_MAX = 300;
/** These words say nothing about what a thing is. */
const EMPTY_WORDS = ['manager', 'service', 'helper', 'util', 'utils', 'common', 'info', 'misc'];
/** A number that is a time says its unit last. */
const TIME_WITHOUT_UNIT =
  /\b(?:const|let|readonly)\s+\w*(?:[tT]imeout|[iI]nterval|[dD]elay|[dD]uration|[lL]atency)\??\s*(?::\s*number|=\s*[\d_]+)/;
/** Packages that reach the outside, and the one production folder kind that may hold their door. */
const DOORS = [
  'serialport',
  'mqtt',
  'pino',
  'ws',
  'systeminformation',
  'node:sqlite',
  'node:dgram',
  'node:worker_threads',
];

interface Source {
  readonly path: string;
  readonly text: string;
}

const sources: readonly Source[] = ROOTS.flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|c|h|js)$/.test(file) && !file.includes('build/'))
    .map((file) => ({ path: `${root}/${file}`, text: readFileSync(`${root}/${file}`, 'utf8') })),
);

/** The paths of the sources a rule finds fault with. */
function offenders(isWrong: (source: Source) => boolean): string[] {
  return sources.filter(isWrong).map(({ path }) => path);
}

const isTest = (path: string): boolean => path.startsWith('test/');
const isProduct = (path: string): boolean => /^(agent|firmware-shim)\//.test(path);

describe('the house is tidy', () => {
  it('sees the sources', () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  it('has no file over 300 lines', () => {
    expect(offenders(({ text }) => text.split('\n').length - 1 > LINES_MAX)).toEqual([]);
  });

  it('opens every source with a comment that says what it is for', () => {
    expect(
      offenders(({ path, text }) => !isTest(path) && !/^(#!.*\n)?(\/\*\*|\/\*)/.test(text)),
    ).toEqual([]);
  });

  it('names files in kebab-case and without empty words', () => {
    expect(
      offenders(({ path }) => {
        const words = basename(path).split('.')[0]?.split('-') ?? [];
        return words.some((word) => EMPTY_WORDS.includes(word)) || /[A-Z_]/.test(basename(path));
      }),
    ).toEqual([]);
  });

  it('gives times a unit', () => {
    expect(offenders(({ path, text }) => !isTest(path) && TIME_WITHOUT_UNIT.test(text))).toEqual(
      [],
    );
  });

  it('leaves nothing half done', () => {
    const mark = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X|HA', 'CK'].join(''));
    expect(offenders(({ text }) => mark.test(text.replaceAll('mktempXXXXXX', '')))).toEqual([]);
  });

  it('starts no shell and skips no certificate check', () => {
    const bypass = new RegExp(
      ['shell: *tr', 'ue|execSync\\(|rejectUnauthorized: *fal', 'se'].join(''),
    );
    expect(
      offenders(({ path, text }) => path !== 'test/tidy.test.ts' && bypass.test(text)),
    ).toEqual([]);
  });

  it('never asks the resolver of the system, which holds a thread of the file pool', () => {
    const asking = /\blookup\b[^;\n]*from 'node:dns|\bdns\.(?:promises\.)?lookup\b|getaddrinfo/;
    expect(offenders(({ path, text }) => isProduct(path) && asking.test(text))).toEqual([]);
  });

  it('mocks no module and fakes no timer', () => {
    const fake = new RegExp(['vi\\.mo', 'ck\\(|useFake', 'Timers'].join(''));
    expect(offenders(({ text }) => fake.test(text))).toEqual([]);
  });

  it('speaks of no path of the machine it was written on and of no registry', () => {
    const local = new RegExp(['/wo', 'rk/|registry\\.npm', 'js|deb\\.deb', 'ian\\.org'].join(''));
    expect(offenders(({ text }) => local.test(text))).toEqual([]);
  });

  it.each(DOORS)('opens %s in exactly one production file', (door) => {
    const importing = new RegExp(`(?:from|import\\() ?'${door}(?:/[a-z-]+)?'`);
    const typeOnly = new RegExp(`import type [^;]* from '${door}`);
    const doors = sources.filter(
      ({ path, text }) => isProduct(path) && importing.test(text) && !typeOnly.test(text),
    );
    // A worker has two ends: the file that starts the thread and the file that runs in it.
    const doorsMax = door === 'node:worker_threads' ? 2 : 1;
    const paths = doors.map(({ path }) => path);
    expect(paths).not.toEqual([]);
    expect(paths.slice(doorsMax)).toEqual([]);
  });

  it('has a test for every scenario', () => {
    const scenarios = readdirSync('sim/scenarios').filter((file) => file.endsWith('.ts'));
    const missing = scenarios.filter(
      (file) =>
        file !== 'run-scenario.ts' &&
        !existsSync(`test/scenario/${file.replace('.ts', '.test.ts')}`),
    );
    expect(missing).toEqual([]);
  });
});
