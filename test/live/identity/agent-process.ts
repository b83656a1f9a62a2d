/** The real agent as a process inside a network namespace, and a patient look at what it comes to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentConfig } from '../../../agent/model/config.ts';
import { insideNetns } from '../../../sim/lab/command.ts';

const AGENT = new URL('../../../agent/main.ts', import.meta.url).pathname;
/** Against a hang only. */
const HANG_MS = 60_000;
const LOOK_MS = 50;

/** Resolves when it answers at its control socket. */
export async function startAgent(
  config: AgentConfig,
  scratch: string,
  netnsPath: string,
): Promise<ChildProcess> {
  const configFile = join(scratch, 'agent.yaml');
  writeFileSync(configFile, JSON.stringify(config));
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', AGENT];
  const [file = '', ...rest] = insideNetns([...argv, '--config', configFile], netnsPath);
  const agent = spawn(file, rest, { stdio: 'ignore' });
  await until(() => existsSync(config.controlSocket));
  return agent;
}

export async function killed(agent: ChildProcess | undefined): Promise<void> {
  if (agent?.exitCode !== null || agent.signalCode !== null) return;
  agent.kill('SIGKILL');
  await once(agent, 'exit');
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + HANG_MS; performance.now() < endMs; await sleep(LOOK_MS)) {
    if (await isSo()) return;
  }
  throw new Error('it never came');
}
