/**
 * The shipped agent, as its own process in the namespace of the appliance, with its log kept in a file.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { insideNetns, LabFailed } from './command.ts';

/** A graceful end says goodbye to the gateway; one that takes longer than this hangs. */
const END_MS_MAX = 5_000;

export interface AgentProcessOptions {
  readonly configFile: string;
  readonly logFile: string;
  readonly netnsPath: string;
}

export class AgentProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #exit: string | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#exit = signal ?? `exit ${code}`;
        resolve();
      });
    });
  }

  static async start(options: AgentProcessOptions): Promise<AgentProcess> {
    const main = new URL('../../agent/main.ts', import.meta.url).pathname;
    const program = [process.execPath, ...process.execArgv, main, '--config', options.configFile];
    const [file = '', ...argv] = insideNetns(program, options.netnsPath);
    const log = await open(options.logFile, 'w');
    const child = spawn(file, argv, { stdio: ['ignore', log.fd, log.fd] });
    const agent = new AgentProcess(child);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new LabFailed(`agent: ${error.message}`)));
    });
    await log.close();
    return agent;
  }

  /** How it ended; undefined while it runs. */
  get exit(): string | undefined {
    return this.#exit;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async stop(): Promise<void> {
    if (this.#exit !== undefined) return;
    this.#child.kill('SIGTERM');
    const timeout = setTimeout(() => this.#child.kill('SIGKILL'), END_MS_MAX);
    await this.#ended;
    clearTimeout(timeout);
  }
}
