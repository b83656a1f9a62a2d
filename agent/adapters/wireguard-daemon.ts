/**
 * One `wireguard-go` process for one device, watched: how it starts, when it is ready, and that it died.
 *
 * It runs detached, so that it goes on carrying traffic when the agent ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EngineRefused } from '../ports.ts';
import { inNetns } from './engine-command.ts';

export class WireGuardDaemon {
  readonly #child: ChildProcess;
  #ended: string | undefined;
  #dismissed = false;

  private constructor(child: ChildProcess, onDied: (why: string) => void) {
    this.#child = child;
    const end = (why: string): void => {
      if (this.#ended !== undefined) return;
      this.#ended = why;
      if (!this.#dismissed) onDied(why);
    };
    child.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    child.once('exit', (code, signal) => {
      end(signal === null ? `wireguard-go ended with code ${code}` : `wireguard-go got ${signal}`);
    });
  }

  static start(
    deviceName: string,
    netnsPath: string | undefined,
    onDied: (why: string) => void,
  ): WireGuardDaemon {
    // `-f` keeps it ours; its environment variable of the same meaning makes it start itself without end.
    const [program, ...words] = inNetns(['wireguard-go', '-f', deviceName], netnsPath);
    const { WG_PROCESS_FOREGROUND: _, ...env } = process.env;
    const child = spawn(program, words, { detached: true, stdio: 'ignore', env });
    child.unref();
    return new WireGuardDaemon(child, onDied);
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
    throw new EngineRefused('EENGINE_SILENT', `wireguard-go was not ready after ${waitMs} ms`);
  }

  /** Ends it without anybody being told. */
  async stop(): Promise<void> {
    this.#dismissed = true;
    if (this.#ended !== undefined) return;
    const gone = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
      setTimeout(resolve, STOP_MS_MAX).unref();
    });
    this.#child.kill('SIGTERM');
    await gone;
  }

  /** Lets it run and forgets it. */
  leave(): void {
    this.#dismissed = true;
  }
}

/** Its socket appears some 12 ms after the start. */
const READY_POLL_MS = 10;
const STOP_MS_MAX = 2_000;
