/**
 * The configuration file, through the very door the agent uses: a file on the disk.
 *
 * Property: refused with problems that each have a code, a sentence and a place inside the file; or sound,
 * and then the same when its values are written as JSON, which is YAML, and read again. Certificates are not
 * there: a file with nothing else wrong counts as accepted.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { ConfigRefused, readConfig } from '../../../agent/adapters/config/config-file.ts';
import { readYaml } from '../../../agent/adapters/config/config-file-document.ts';
import type { ConfigProblem } from '../../../agent/contract/config-problem.ts';
import { withDefaults } from '../../../agent/contract/config-shape.ts';
import { reshapedLines } from '../reshaping.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';
import { JSON_WORDS } from './json-words.ts';

const ABSENT_FILE = 'ECONFIG_FILE_MISSING';

/** Each thread has its own; it stands there for the time of one check. */
const FILE = join(tmpdir(), `sag-fuzz-${process.pid}-${threadId}.yaml`);

export const config: FuzzTarget = {
  bytesMax: 16 * 1024,
  dictionary: [
    ...JSON_WORDS,
    '\n',
    '  ',
    '\t',
    '- ',
    ': ',
    ' #',
    '&a ',
    '*a',
    '<<: ',
    '!!binary ',
    '!!js/function ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '|\n',
    '>-\n',
    '? ',
    "'",
    '~',
    '.nan',
    '0x1f',
    '0o17',
    'yes',
    '2026-01-01',
    'uplinks:\n',
    'page:\n',
  ],
  reshape: reshapedLines,
  check: (bytes) => {
    const problems = problemsOf(bytes);
    const lines = bytes.reduce((count, byte) => (byte === NEWLINE ? count + 1 : count), 1);
    for (const problem of problems) holdProblem(problem, lines);
    const [first] = problems.filter(({ code }) => code !== ABSENT_FILE);
    if (first !== undefined) return first.code;
    const value = soundValue(new TextDecoder().decode(bytes));
    holdEqual(soundValue(JSON.stringify(value)), value, 'a configuration did not survive');
    return 'accepted';
  },
};

function problemsOf(bytes: Uint8Array): readonly ConfigProblem[] {
  writeFileSync(FILE, bytes);
  try {
    readConfig(FILE);
    return [];
  } catch (error) {
    if (error instanceof ConfigRefused) return error.problems;
    throw error;
  } finally {
    rmSync(FILE);
  }
}

const SENTENCE_MAX = 1_000;
const NEWLINE = 0x0a;

function holdProblem(problem: ConfigProblem, lines: number): void {
  const { code, line, column, pointer, sentence } = problem;
  hold(/^ECONFIG_[A-Z_]+$/.test(code), `a problem has the code ${code}`);
  hold(pointer === '' || pointer.startsWith('/'), `a problem points at ${JSON.stringify(pointer)}`);
  hold(
    sentence !== '' && sentence.length <= SENTENCE_MAX,
    `${code} says ${sentence.length} letters`,
  );
  // oxlint-disable-next-line no-control-regex
  hold(!/[\u0000-\u001f\u007f-\u009f]/.test(sentence), `${code} repeats control characters`);
  hold(line >= 1 && column >= 1, `${code} is at ${line}:${column}`);
  hold(line <= lines, `${code} is at line ${line} of ${lines}`);
}

function soundValue(text: string): unknown {
  const reading = readYaml(text);
  hold(reading.ok, 'what was read once cannot be read again');
  return withDefaults(reading.document.value);
}
