/**
 * One end inside the guest, branch or hub: a namespace, the shipped fast path on its own thread, and what it told.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type FastPathThread,
  startFastPath,
} from '../../../agent/adapters/fast-path/fast-path-worker.ts';
import type { FastPathFact } from '../../../agent/model/fast-path.ts';
import type { FastPathSnapshot } from '../../../agent/model/snapshot.ts';
import type { ActiveTunnelChange } from '../../../agent/model/tunnel-change.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import { type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';

export type Role = 'branch' | 'hub';
/** Behind each end: what the other reaches through the tunnels. */
export const BEHIND = { branch: '10.98.0.1', hub: '10.99.0.1' } as const;
export const INDEXES = [1, 2] as const;

/** In the guest's time: nothing here takes a tenth of it unless it never comes. */
const WAIT_MS_MAX = 60_000;
const run = promisify(execFile);

export class GuestEnd {
  readonly role: Role;
  readonly netns: ScratchNetns = scratchNetns();
  readonly kernel: Kernel;
  readonly facts: FastPathFact[] = [];
  readonly thread: FastPathThread;
  #waiting: (() => void)[] = [];

  constructor(role: Role) {
    this.role = role;
    this.netns.ip('link', 'set', 'lo', 'up');
    this.netns.ip('addr', 'add', `${BEHIND[role]}/32`, 'dev', 'lo');
    this.kernel = openKernel({ netnsPath: this.netns.path });
    this.thread = startFastPath({
      netnsPath: this.netns.path,
      onFact: (fact) => {
        this.facts.push(fact);
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const look of waiting) look();
      },
    });
  }

  outer(index: number): string {
    return `10.91.${index}.${this.role === 'branch' ? 1 : 2}`;
  }

  inner(index: number): string {
    return `10.250.${index}.${this.role === 'branch' ? 1 : 2}`;
  }

  /** Runs a program in the namespace, without holding this thread up: the echoes flow through it. */
  async run(program: string, ...words: readonly string[]): Promise<string> {
    return (await run('ip', ['netns', 'exec', this.netns.name, program, ...words])).stdout;
  }

  async snapshot(): Promise<FastPathSnapshot> {
    const requestId = this.facts.length;
    this.thread.order({ type: 'snapshotRequested', requestId });
    const fact = await this.until(
      'a snapshot',
      (each) => each.type === 'snapshotTaken' && each.requestId === requestId,
    );
    return (fact.type === 'snapshotTaken' ? fact.snapshot : {}) as FastPathSnapshot;
  }

  /** The first fact, from number `since` on, for which `holds`. */
  async until(
    what: string,
    holds: (fact: FastPathFact) => boolean,
    since = 0,
  ): Promise<FastPathFact> {
    const overdueAtMs = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const found = this.facts.slice(since).find(holds);
      if (found !== undefined) return found;
      const leftMs = overdueAtMs - performance.now();
      if (leftMs <= 0) {
        const last = JSON.stringify(this.facts.slice(-5));
        throw new Error(`the ${this.role} waited in vain for ${what}; it last heard ${last}`);
      }
      await this.#nextFact(leftMs);
    }
  }

  async untilActive(tunnel: string, since = 0): Promise<ActiveTunnelChange> {
    const fact = await this.until(
      `${tunnel} to be active`,
      (each) => each.type === 'activeTunnelChanged' && each.change.to === tunnel,
      since,
    );
    if (fact.type !== 'activeTunnelChanged') throw new Error(`not a change: ${fact.type}`);
    return fact.change;
  }

  async close(): Promise<void> {
    await this.thread.stop();
    this.kernel.close();
    this.netns.remove();
  }

  async #nextFact(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
