/**
 * sag-agent: reads the configuration, brings up the body of the agent, and ends it when told to.
 *
 * SIGTERM and SIGINT say goodbye to the gateway; the tunnels stay and carry traffic unless asked otherwise. Whatever
 * is broken in ourselves ends the process: the next start adopts what stands.
 */
import { countCrash } from './adapters/agent-start.ts';
import { ConfigRefused, readConfig } from './adapters/config/config-file.ts';
import { machineBootId } from './adapters/host/host-inventory.ts';
import { RunMark } from './adapters/run-mark.ts';
import { type Arguments, EXIT, readArguments, USAGE, weakness } from './main-arguments.ts';
import { AgentBody } from './main-body.ts';
import type { AgentConfig } from './model/config.ts';

/** A graceful end that takes longer than this has nobody left to be graceful to. */
const STOP_MS_MAX = 8_000;

await main();

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  if (given === 'help') return say(USAGE);
  if (typeof given === 'string') return end(EXIT.usage, `EUSAGE: ${given}\n${USAGE}`);
  const weak = weakness(process.env, process.execArgv);
  if (weak !== undefined) return end(EXIT.environment, weak);
  const config = configOf(given.configFile);
  if (config === undefined) return;
  if (given.checkOnly) return say(`${given.configFile}: the configuration is sound\n`);
  // LINE: nothing above touches the machine.
  await run(config, given);
}

async function run(config: AgentConfig, given: Arguments): Promise<void> {
  const fault = (error: Error): never => {
    process.stderr.write(`EINTERNAL: ${error.stack ?? error.message}\n`);
    lastWords(config.stateDirectory);
    process.exit(EXIT.internal);
  };
  const mark = new RunMark(config.controlSocket, machineBootId());
  if (mark.begin()) lastWords(config.stateDirectory);
  process.on('exit', () => mark.end());
  process.on('uncaughtException', fault);
  let body: AgentBody | undefined;
  const stop = (): void => {
    // Nobody has been told that we are here: there is nothing to say goodbye to.
    if (body === undefined) process.exit(EXIT.fine);
    setTimeout(() => process.exit(EXIT.internal), STOP_MS_MAX).unref();
    void body.stop(given.tunnelsOnExit).then(() => process.exit(EXIT.fine));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  body = await AgentBody.open(config, given.configFile, stop).catch((error: unknown) => {
    // A port that will not open says so with a code; without one it is ours.
    if (error instanceof Error && !('code' in error)) fault(error);
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exit(EXIT.unavailable);
  });
}

/** Of this run, or of the one before it that had none. Three in a row, and the next run starts in safe mode. */
function lastWords(stateDirectory: string): void {
  try {
    countCrash(stateDirectory);
  } catch (error) {
    process.stderr.write(`EINTERNAL: the crash could not be counted: ${String(error)}\n`);
  }
}

function configOf(path: string): AgentConfig | undefined {
  try {
    return readConfig(path);
  } catch (error) {
    if (!(error instanceof ConfigRefused)) throw error;
    end(EXIT.config, error.message);
    return undefined;
  }
}

/** `CODE: sentence`, whatever the port that would not open threw. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return `EUNAVAILABLE: ${String(error)}`;
  const { code } = error as { readonly code?: unknown };
  return `${typeof code === 'string' ? code : 'EUNAVAILABLE'}: ${error.message}`;
}

function say(text: string): void {
  process.stdout.write(text);
}

function end(code: number, sentence: string): void {
  process.stderr.write(sentence.endsWith('\n') ? sentence : `${sentence}\n`);
  process.exitCode = code;
}
