/**
 * A steady stream of real ICMP echoes between two hosts of the lab: `ping` sends and times, the record reads.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { insideNetns } from './command.ts';
import { PingRecord, type PingTotals } from './ping-record.ts';

export interface PingFlowOptions {
  readonly netnsPath: string;
  readonly target: string;
  readonly intervalMs: number;
  readonly nowMs: () => number;
}

export class PingFlow {
  readonly record: PingRecord;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(options: PingFlowOptions) {
    this.record = new PingRecord(wallToMonotonicMs(options.nowMs));
    const seconds = (options.intervalMs / 1000).toFixed(3);
    const argv = ['ping', '-D', '-O', '-n', '-i', seconds, options.target];
    const [file = 'ping', ...rest] = insideNetns(argv, options.netnsPath);
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'ignore'], env });
    createInterface({ input: child.stdout }).on('line', (line) => this.record.read(line));
    this.#ended = new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    this.#child = child;
  }

  async stop(): Promise<PingTotals> {
    this.#child.kill('SIGINT');
    await this.#ended;
    return this.record.totals();
  }
}

/** Sampled where wall time steps to its next millisecond, so that the offset is exact to microseconds. */
function wallToMonotonicMs(nowMs: () => number): number {
  const beforeMs = Date.now();
  let wallMs = beforeMs;
  while (wallMs === beforeMs) wallMs = Date.now();
  return nowMs() - wallMs;
}
