/**
 * What to fuzz, from the command line.
 */
import { parseArgs } from 'node:util';
import { TARGETS } from './targets.ts';

export interface FuzzOptions {
  readonly target: string;
  readonly inputs: number;
  readonly seed: number;
  /** Random bytes for the frame decoder; 0 for other targets. */
  readonly noiseBytes: number;
  /** One kept input to run again. */
  readonly replay?: string;
}

export const USAGE = `usage: node test/fuzz/main.ts --target TARGET [--n INPUTS] [--seed SEED] [--noise BYTES] [--replay FILE]
targets: ${Object.keys(TARGETS).join(', ')}`;

const INPUTS_DEFAULT = 100_000;
const NOISE_BYTES_DEFAULT = 10_000_000;

/** The options, or a sentence about what is wrong with the arguments. */
export function readOptions(argv: readonly string[]): FuzzOptions | string {
  let values: Readonly<Record<'target' | 'n' | 'seed' | 'noise' | 'replay', string | undefined>>;
  try {
    const option = { type: 'string' } as const;
    const parsed = parseArgs({
      args: [...argv],
      options: { target: option, n: option, seed: option, noise: option, replay: option },
    });
    const { target, n, seed, noise, replay } = parsed.values;
    values = { target, n, seed, noise, replay };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { target = '', replay } = values;
  if (!Object.hasOwn(TARGETS, target)) return `there is no target "${target}"`;
  const inputs = wholeNumber(values.n, INPUTS_DEFAULT);
  const seed = wholeNumber(values.seed, 1);
  const noiseBytes = wholeNumber(values.noise, target === 'framer' ? NOISE_BYTES_DEFAULT : 0);
  if (inputs === undefined || seed === undefined || noiseBytes === undefined) {
    return '--n, --seed and --noise take whole numbers';
  }
  return { target, inputs, seed, noiseBytes, ...(replay !== undefined && { replay }) };
}

function wholeNumber(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
