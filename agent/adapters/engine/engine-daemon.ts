/**
 * One daemon of a tunnel engine, watched: how it starts, when it is ready, and that it died.
 *
 * It runs detached, so that it goes on carrying traffic when the agent ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EngineRefused } from '../../engine-port.ts';
import { inNetns } from './engine-command.ts';

export interface DaemonStart {
  readonly argv: readonly [string, ...string[]];
  readonly netnsPath: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

export class EngineDaemon {
  readonly #child: ChildProcess;
  #ended: string | undefined;
  #dismissed = false;

  private constructor(child: ChildProcess, name: string, onDied: (why: string) => void) {
    this.#child = child;
    const end = (why: string): void => {
      if (this.#ended !== undefined) return;
      this.#ended = why;
      if (!this.#dismissed) onDied(why);
    };
    child.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    child.once('exit', (code, signal) => {
      end(signal === null ? `${name} ended with code ${code}` : `${name} got ${signal}`);
    });
  }

  static start(start: DaemonStart, onDied: (why: string) => void): EngineDaemon {
    const [program, ...words] = inNetns(start.argv, start.netnsPath);
    const child = spawn(program, words, { detached: true, stdio: 'ignore', env: start.env });
    child.unref();
    return new EngineDaemon(child, start.argv[0], onDied);
  }

  /** Undefined when it could not even be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Why it is gone; undefined while it runs. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Waits until `isReady` says so, at most `waitMs`. */
  async ready(isReady: () => Promise<boolean>, waitMs: number): Promise<void> {
    const tries = Math.ceil(waitMs / READY_POLL_MS);
    for (let at = 0; at < tries; at += 1) {
      if (this.#ended !== undefined) throw new EngineRefused('EENGINE_DIED', this.#ended);
      if (await isReady()) return;
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
    throw new EngineRefused('EENGINE_SILENT', `a tunnel daemon was not ready after ${waitMs} ms`);
  }

  /** Ends it without anybody being told; one that does not listen is killed. */
  async stop(): Promise<void> {
    this.#dismissed = true;
    if (this.#ended !== undefined) return;
    const gone = new Promise<boolean>((resolve) => {
      this.#child.once('exit', () => resolve(true));
      setTimeout(() => resolve(false), STOP_MS_MAX).unref();
    });
    this.#child.kill('SIGTERM');
    if (await gone) return;
    this.#child.kill('SIGKILL');
  }

  /** Lets it run and forgets it. */
  leave(): void {
    this.#dismissed = true;
  }
}

/** The sockets of these daemons appear some 10 to 30 ms after the start. */
const READY_POLL_MS = 10;
const STOP_MS_MAX = 2_000;
