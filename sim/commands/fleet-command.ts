/**
 * `sag-sim fleet --devices N`: many of the shipped cores against one gateway; exits by result.
 */
import { parseArgs } from 'node:util';
import { runFleet } from '../fleet/run-fleet.ts';

const DEVICES = '100';
const USAGE = 'usage: sag-sim fleet [--devices N] [--seconds S] [--seed K] [--json]';

export async function runFleetCommand(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    console.error(`sag-sim fleet: EUSAGE: ${options}\n${USAGE}`);
    return 2;
  }
  const { json, ...fleet } = options;
  const onProgress = (line: string): void => {
    if (!json) console.log(`fleet: ${line}`);
  };
  const result = await runFleet({ ...fleet, onProgress });
  if (json) console.log(JSON.stringify({ v: 1, ...result }, null, 2));
  else for (const [name, value] of Object.entries(result)) console.log(`fleet: ${name} ${value}`);
  return result.ok ? 0 : 1;
}

interface FleetRequest {
  readonly devices: number;
  readonly seconds?: number;
  readonly seed?: number;
  readonly json: boolean;
}

function readOptions(argv: readonly string[]): FleetRequest | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        devices: { type: 'string', default: DEVICES },
        seconds: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const seconds = wholeNumber('--seconds', values.seconds);
    const seed = wholeNumber('--seed', values.seed);
    return {
      devices: wholeNumber('--devices', values.devices) ?? 0,
      json: values.json,
      ...(seconds !== undefined && { seconds }),
      ...(seed !== undefined && { seed }),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`);
  return Number(text);
}
