/**
 * `node test/fuzz/main.ts --target framer --n 1000000`: runs generated inputs through one reader of foreign bytes.
 *
 * Exit status 0: the property held for every input, none was slow, memory stayed flat. 1: it did not; each
 * input that shows it is kept, with the line that runs it again. 2: the arguments make no sense.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type FuzzOptions, readOptions, USAGE } from './options.ts';
import { targetOf } from './targets.ts';
import { type WatchResult, watch } from './watch.ts';

/** A single input may take no longer: whoever sends it would hold everybody else up. */
const INPUT_MS_MAX = 1_000;
/** Compiled code and caches grow for a while; a leak of ten bytes an input is far above this in a long run. */
const HEAP_GROWTH_MAX = 4 * 1_024 * 1_024;
const OUT_DIRECTORY = new URL('../../out/fuzz', import.meta.url).pathname;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function replay(target: string, file: string): number {
  const input = new Uint8Array(readFileSync(file));
  const startMs = performance.now();
  try {
    const word = targetOf(target).check(input);
    const tookMs = performance.now() - startMs;
    say(`${target}: ${file}: ${word}, ${tookMs.toFixed(1)} ms for ${input.length} bytes`);
    return tookMs > INPUT_MS_MAX ? 1 : 0;
  } catch (error) {
    say(`${target}: ${file}: ${error instanceof Error ? error.stack : String(error)}`);
    return 1;
  }
}

async function fuzz(options: FuzzOptions): Promise<number> {
  const { target, inputs, seed, noiseBytes } = options;
  const startMs = performance.now();
  const rate = (done: number): number => Math.round((done * 1_000) / (performance.now() - startMs));
  say(`${target}: ${inputs} inputs, seed ${seed}`);
  const result = await watch({
    target,
    seed,
    inputs,
    noiseBytes,
    inputMsMax: INPUT_MS_MAX,
    outDirectory: OUT_DIRECTORY,
    onProgress: (done) => {
      say(
        `${target}: ${done} of ${inputs} (${Math.floor((100 * done) / inputs)} %), ${rate(done)}/s`,
      );
    },
  });
  const tookS = (performance.now() - startMs) / 1_000;
  say(`${target}: ${inputs} inputs in ${tookS.toFixed(1)} s, ${rate(inputs)}/s`);
  return judged(options, result);
}

function judged({ target, noiseBytes }: FuzzOptions, result: WatchResult): number {
  const { tally, findings, complete, heapBytes, falseFrames } = result;
  for (const [word, count] of Object.entries(tally).toSorted((a, b) => b[1] - a[1])) {
    say(`  ${String(count).padStart(9)}  ${word}`);
  }
  let failures = findings.length;
  if (heapBytes !== undefined) {
    const [early, late] = heapBytes;
    const flat = late - early <= HEAP_GROWTH_MAX;
    if (!flat) failures += 1;
    say(
      `  heap ${mebibytes(early)} MiB after a tenth, ${mebibytes(late)} MiB at the end: ${flat ? 'flat' : 'GROWS'}`,
    );
  }
  if (falseFrames !== undefined) {
    if (falseFrames > 0) failures += 1;
    say(`  ${falseFrames} false frames in ${noiseBytes} random bytes`);
  }
  if (!complete) say('  not every input was run: too much was found');
  for (const { index, text, file } of findings) {
    const path = relative(process.cwd(), file);
    say(`FOUND at input ${index}: ${text}`);
    say(`  again: node test/fuzz/main.ts --target ${target} --replay ${path}`);
  }
  say(failures === 0 ? `${target}: held` : `${target}: ${failures} FOUND`);
  return failures === 0 ? 0 : 1;
}

function mebibytes(bytes: number): string {
  return (bytes / 1_024 / 1_024).toFixed(1);
}

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`fuzz: EARGUMENT: ${options}\n${USAGE}\n`);
  process.exitCode = 2;
} else if (options.replay !== undefined) {
  process.exitCode = replay(options.target, options.replay);
} else process.exitCode = await fuzz(options);
