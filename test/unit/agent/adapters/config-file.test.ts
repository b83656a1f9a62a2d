import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigRefused, readConfig } from '../../../../agent/adapters/config/config-file.ts';
import type { ConfigProblem } from '../../../../agent/contract/config-problem.ts';
import { AREAS_2018 } from '../../../../agent/model/area.ts';
import { GOOD, SPOILED } from './spoiled-configurations.ts';
import { CERTIFICATE, KEY, OTHER_KEY } from './throwaway-credentials.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-'));
  writeFileSync(join(directory, 'device.crt'), CERTIFICATE);
  writeFileSync(join(directory, 'ca.crt'), CERTIFICATE);
  writeFileSync(join(directory, 'device.key'), KEY, { mode: 0o600 });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function problemsOf(text: string | Uint8Array): readonly ConfigProblem[] {
  const path = join(directory, 'agent.yaml');
  writeFileSync(path, text);
  return problemsAt(path);
}

function problemsAt(path: string): readonly ConfigProblem[] {
  try {
    readConfig(path);
    return [];
  } catch (error) {
    if (error instanceof ConfigRefused) return error.problems;
    throw error;
  }
}

const briefly = ({ code, line, pointer }: ConfigProblem): string => `${line} ${code} ${pointer}`;

describe('a right configuration', () => {
  it('is read with defaults filled in and paths relative to its own folder', () => {
    const path = join(directory, 'agent.yaml');
    writeFileSync(path, GOOD);
    expect(readConfig(path)).toEqual({
      tenant: 'acme',
      area: 'Mainland China',
      stateDirectory: join(directory, 'state'),
      controlSocket: join(directory, 'control.sock'),
      board: { path: '/dev/ttyS1', baudRate: 115_200 },
      uplinks: [
        {
          id: 'wan1',
          kind: 'wired',
          port: 5,
          deviceName: 'wan1',
          priority: 1,
          weight: 100,
          use: 'data',
          gateway: '10.91.1.1',
        },
        {
          id: 'lte',
          kind: 'lte',
          deviceName: 'wwan0',
          priority: 99,
          weight: 100,
          use: 'management-only',
          gateway: '10.92.0.1',
        },
      ],
      lanPrefixes: ['192.168.10.0/24', '192.168.11.0/24'],
      access: {
        certificateFile: join(directory, 'device.crt'),
        keyFile: join(directory, 'device.key'),
        caFile: join(directory, 'ca.crt'),
        keepAliveS: 30,
        gateways: [{ id: 'agw1', address: '10.91.1.1', port: 8443, serverName: 'agw1.example' }],
      },
      page: { unixSocket: join(directory, 'page.sock'), hosts: [] },
      logLevel: 'info',
    });
  });

  it.each(AREAS_2018.map((row) => row.ccnArea))('may be of area %s', (area) => {
    expect(problemsOf(GOOD.replace('Mainland China', area))).toEqual([]);
  });

  it('may give the key to the group of the agent to read', () => {
    chmodSync(join(directory, 'device.key'), 0o640);
    expect(problemsOf(GOOD)).toEqual([]);
  });

  it('is the documented example, once its files are there', () => {
    const example = readFileSync('deploy/sag-agent.example.yaml', 'utf8');
    expect(problemsOf(example).map(({ code }) => code)).toEqual(['ECONFIG_FILE_MISSING']);
    writeFileSync(join(directory, 'ccn-ca.crt'), CERTIFICATE);
    expect(problemsOf(example)).toEqual([]);
  });
});

describe('a spoiled configuration is refused, with code, line and pointer, for', () => {
  it.each(SPOILED)('%s', (_what, right, wrong, expected) => {
    writeFileSync(join(directory, 'other.key'), OTHER_KEY, { mode: 0o600 });
    writeFileSync(join(directory, 'safe.crt'), CERTIFICATE, { mode: 0o600 });
    writeFileSync(join(directory, 'open.key'), KEY);
    chmodSync(join(directory, 'open.key'), 0o644);
    expect(GOOD).toContain(right);
    const found = problemsOf(GOOD.replace(right, wrong)).map(briefly);
    expect(found).toContain(expected);
  });

  it.each([
    ['nothing', '', '1 ECONFIG_TYPE '],
    ['only a comment', '# later\n', '1 ECONFIG_TYPE '],
    ['prose', 'once upon a time', '1 ECONFIG_TYPE '],
    ['a list', '- tenant', '1 ECONFIG_TYPE '],
    ['bytes that are no text', new Uint8Array([0x74, 0xff, 0xfe, 0x00]), '1 ECONFIG_YAML '],
    ['brackets without end', '['.repeat(16_000), '1 ECONFIG_YAML '],
    ['17 kB', `# ${'x'.repeat(17 * 1024)}`, '1 ECONFIG_SIZE '],
  ])('%s', (_what, text, expected) => {
    expect(problemsOf(text).map(briefly)).toEqual([expected]);
  });

  it('a file that is not there or is none', () => {
    expect(problemsAt(join(directory, 'none.yaml')).map(briefly)).toEqual(['1 ECONFIG_MISSING ']);
    mkdirSync(join(directory, 'folder.yaml'));
    expect(problemsAt(join(directory, 'folder.yaml')).map(briefly)).toEqual([
      '1 ECONFIG_UNREADABLE ',
    ]);
  });
});

describe('a refusal', () => {
  it('shows every mistake of the file at once, in the order of its lines', () => {
    const text = GOOD.replace('tenant:', 'tennant:')
      .replace('Mainland China', 'Europa')
      .replace('priority: 99', 'priority: 7')
      .replace('192.168.11.0/24', '192.168.0.0/16')
      .replace('device.crt', 'gone.crt');
    expect(problemsOf(text).map(briefly)).toEqual([
      '1 ECONFIG_MISSING_KEY /tenant',
      '1 ECONFIG_UNKNOWN_KEY /tennant',
      '2 ECONFIG_AREA /area',
      '16 ECONFIG_LTE_PRIORITY /uplinks/1/priority',
      '21 ECONFIG_PREFIX_OVERLAP /lanPrefixes/1',
      '23 ECONFIG_FILE_MISSING /access/certificateFile',
    ]);
  });

  it('says what to do', () => {
    const sentenceOf = (right: string, wrong: string): string =>
      problemsOf(GOOD.replace(right, wrong)).at(-1)?.sentence ?? '';
    expect(sentenceOf('tenant:', 'tennant:')).toBe(
      '"tennant" is not a known setting; you may mean \'tenant\'',
    );
    const area = sentenceOf('Mainland China', 'cn-shanghai');
    for (const row of AREAS_2018) expect(area).toContain(`'${row.ccnArea}'`);
    expect(area).toContain("you may mean 'Mainland China'");
    expect(sentenceOf('tenant: acme', 'tenant: 12')).toContain('put it in quotes');
    expect(sentenceOf('192.168.11.0/24', '192.168.11.7/24')).toContain('write 192.168.11.0/24');
  });

  it('is one line a problem, as editors read it', () => {
    const path = join(directory, 'agent.yaml');
    writeFileSync(path, GOOD.replace('priority: 99', 'priority: 7'));
    expect(() => readConfig(path)).toThrow(
      `${path}:16:15: ECONFIG_LTE_PRIORITY the priority of an LTE uplink is fixed; write 99 instead of 7`,
    );
  });

  it('never shows more than the start of a wrong value', () => {
    const [problem] = problemsOf(GOOD.replace('acme', `"${'\\e[2J\\u202e\\x9b'.repeat(500)}"`));
    expect(problem?.sentence.length).toBeLessThan(250);
    expect(problem?.sentence).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
