/**
 * One client program of the WAN side, kept running: what it prints is read line by line, and when it ends it is started
 * again after a while. It ends with us, also when we are killed: two clients of one uplink would fight.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Backoff } from '../../../firmware-shim/base/backoff.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { inNetns } from '../engine/engine-command.ts';

export interface WanProgramOptions {
  readonly argv: readonly [string, ...string[]];
  readonly netnsPath?: string | undefined;
  readonly random: Random;
  readonly onLine: (line: string) => void;
  readonly onEnded: () => void;
}

/** Programs read nothing of ours. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const ENVIRONMENT = { PATH, LC_ALL: 'C' } as const;
/** util-linux: a child that outlived us would go on changing what nobody watches. */
const WITH_US = ['setpriv', '--pdeathsig', 'TERM', '--'] as const;
const AGAIN = { floorMs: 1_000, baseMs: 2_000, ceilingMs: 60_000 };
/** Longer lines are nobody's. */
const LINE_CHARACTERS_MAX = 1_024;

export class WanProgram {
  readonly #options: WanProgramOptions;
  readonly #backoff: Backoff;
  #child: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: WanProgramOptions) {
    this.#options = options;
    this.#backoff = new Backoff(AGAIN, options.random);
    this.#start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#again);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await gone;
    clearTimeout(late);
  }

  #start(): void {
    const { argv, netnsPath, onLine } = this.#options;
    const [program, ...words] = [...WITH_US, ...inNetns(argv, netnsPath)] as const;
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = `${rest}${text}`.split('\n');
        rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS_MAX);
        for (const line of lines) if (line.length <= LINE_CHARACTERS_MAX) onLine(line);
      });
    }
    child.once('error', () => this.#ended());
    child.once('close', () => this.#ended());
  }

  #ended(): void {
    this.#child = undefined;
    if (this.#isStopped) return;
    this.#options.onEnded();
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#start(), this.#backoff.nextDelayMs()).unref();
  }
}

const STOP_MS_MAX = 2_000;

export function isOnThisBox(program: string): boolean {
  return PATH.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
