/** Every reader of foreign bytes against its corpus and the first generated inputs, the same ones each time. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { type Failure, InputLoop } from '../../fuzz/input-loop.ts';
import { corpusOf, Inputs } from '../../fuzz/inputs.ts';
import { readOptions } from '../../fuzz/options.ts';
import { falseFrames } from '../../fuzz/targets/framer.ts';
import { TARGETS } from '../../fuzz/targets.ts';

const INPUTS = 2_000;
/** Far above anything seen; a busy machine is no finding here, the watcher of a long run looks closer. */
const INPUT_MS_MAX = 10_000;

describe.each(Object.entries(TARGETS))('%s', (name, target) => {
  const corpus = corpusOf(name);

  test('has a corpus that is small and says what each input is', () => {
    expect(corpus.length).toBeGreaterThan(4);
    expect(corpus.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(64 * 1_024);
    for (const { name: file } of corpus) expect(file).toMatch(/^[a-z0-9-]+\.(bin|txt)$/);
  });

  test('accepts something of its corpus', () => {
    const words = corpus.map(({ bytes }) => target.check(bytes));
    expect(words.some((word) => !/E[A-Z]+_|absent/.test(word))).toBe(true);
  });

  test(`holds its property for the corpus and ${INPUTS} generated inputs`, () => {
    const failures: Failure[] = [];
    const inputs = new Inputs(target, corpus, 1);
    const loop = new InputLoop({
      target,
      input: (index) => corpus[index]?.bytes ?? inputs.at(index - corpus.length),
      inputMsMax: INPUT_MS_MAX,
      onFailure: (failure) => failures.push(failure),
    });
    for (let index = 0; index < corpus.length + INPUTS; index += 1) loop.run(index);
    expect(failures).toEqual([]);
    expect(Object.keys(loop.tally).length).toBeGreaterThan(1);
  }, 60_000);

  test('makes the same input from the same numbers', () => {
    const [one, two] = [new Inputs(target, corpus, 7), new Inputs(target, corpus, 7)];
    for (const index of [0, 1, 999_999]) expect(one.at(index)).toEqual(two.at(index));
    expect(new Inputs(target, corpus, 8).at(5)).not.toEqual(one.at(5));
  });

  test('makes no input far beyond its bound', () => {
    const inputs = new Inputs(target, corpus, 3);
    for (let index = 0; index < 500; index += 1) {
      expect(inputs.at(index).length).toBeLessThanOrEqual(2 * target.bytesMax);
    }
  });
});

test('a million random bytes hold no frame', () => {
  expect(falseFrames(new SeededRandom(1), 1_000_000)).toBe(0);
});

test.each([
  [
    ['--target', 'framer', '--n', '1000', '--seed', '2'],
    { target: 'framer', inputs: 1000, seed: 2 },
  ],
  [['--target', 'bfd'], { target: 'bfd', inputs: 100_000, seed: 1, noiseBytes: 0 }],
  [['--target', 'host', '--replay', 'x.bin'], { target: 'host', replay: 'x.bin' }],
])('the arguments %j are understood', (argv, options) => {
  expect(readOptions(argv)).toMatchObject(options);
});

test.each([
  [[], 'there is no target ""'],
  [['--target', 'toString'], 'there is no target "toString"'],
  [['--target', 'bfd', '--n', '-1'], expect.stringContaining('--n')],
  [['--target', 'bfd', '--n', '1e6'], '--n, --seed and --noise take whole numbers'],
  [['--what'], expect.stringContaining('--what')],
])('the arguments %j are refused with a sentence', (argv, sentence) => {
  expect(readOptions(argv)).toEqual(sentence);
});
