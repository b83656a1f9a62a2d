/**
 * `sag-sim demo`: the live view, or with `--script` a headless story.
 *
 * Where no lab can be had it says so in one line and runs the same story in the simulated world.
 */
import { access, constants, mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runEnclosed } from './enclosed-run.ts';
import { findEnclosure } from './enclosure.ts';
import { isLabEngine, LAB_ENGINES, type LabEngine } from './lab-engines.ts';

const OUT_DIRECTORY = new URL('../../out', import.meta.url).pathname;
const SCRIPTS = ['cable-pull', 'fail-static', 'diagnosis', 'document', 'cut-off'] as const;
type Script = (typeof SCRIPTS)[number];

interface DemoOptions {
  readonly script?: Script;
  readonly engine: LabEngine;
  readonly outDirectory: string;
}

export async function runDemoCommand(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    console.error(`sag-sim demo: EUSAGE: ${options}`);
    return 2;
  }
  const { script, engine, outDirectory } = options;
  const refusal = await unwritable(outDirectory);
  if (refusal !== undefined) {
    console.error(
      `sag-sim demo: EOUT: the report cannot be written to ${outDirectory}: ${refusal}`,
    );
    return 1;
  }
  const enclosure = await findEnclosure();
  if (!enclosure.possible) {
    if (script !== undefined && script !== 'cable-pull') {
      console.error(`sag-sim demo: ELAB: "${script}" needs a network lab: ${enclosure.why}`);
      return 1;
    }
    console.log(`No network lab on this machine (${enclosure.why}): running the simulated world.`);
    return (await import('./simulated-story.ts')).runSimulatedStory(outDirectory);
  }
  return runEnclosed(
    enclosure,
    script === undefined
      ? { job: 'view', withPage: true, engine, outDirectory }
      : { job: script, withPage: false, engine, outDirectory },
  );
}

/** Why nothing can be written there: better said before the story than after it. */
async function unwritable(directory: string): Promise<string | undefined> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function readOptions(argv: readonly string[]): DemoOptions | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        script: { type: 'string' },
        engine: { type: 'string', default: 'wireguard' },
        out: { type: 'string', default: OUT_DIRECTORY },
      },
    });
    const { script, engine, out } = values;
    if (!isLabEngine(engine))
      return `there is no engine "${engine}"; there is: ${LAB_ENGINES.join(', ')}`;
    if (script !== undefined && !isScript(script))
      return `there is no script "${script}"; there is: ${SCRIPTS.join(', ')}`;
    return { engine, outDirectory: out, ...(script !== undefined && { script }) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isScript(word: string): word is Script {
  return (SCRIPTS as readonly string[]).includes(word);
}
