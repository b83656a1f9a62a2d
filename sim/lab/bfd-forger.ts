/**
 * Somebody in the tunnel who forges BFD packets, as many as are wanted, in the name of the far end.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { insideNetns, LabFailed } from './command.ts';

const SOURCE = new URL('./bfd-forger.c', import.meta.url).pathname;

export interface Forgery {
  readonly toAddress: string;
  readonly ttl: number;
  readonly packetsPerSecond: number;
  readonly seconds: number;
  /** Taken in turns. */
  readonly payloads: readonly Uint8Array[];
}

export class BfdForger {
  readonly #program: string;

  /** Compiles into a directory of the caller's. */
  constructor(directory: string) {
    this.#program = join(directory, 'bfd-forger');
    execFileSync('cc', ['-O2', '-Wall', '-o', this.#program, SOURCE], { stdio: 'pipe' });
  }

  /** Resolves with how many were sent. */
  async flood(netnsPath: string, forgery: Forgery): Promise<number> {
    const { toAddress, ttl, packetsPerSecond, seconds, payloads } = forgery;
    const hex = payloads.map((bytes) => Buffer.from(bytes).toString('hex'));
    const figures = [ttl, packetsPerSecond, seconds].map(String);
    const argv = insideNetns([this.#program, toAddress, ...figures, ...hex], netnsPath);
    const [file = '', ...words] = argv;
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new LabFailed(`${argv.join(' ')}: exit ${code}`);
    return Number(printed);
  }
}
