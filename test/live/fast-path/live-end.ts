/**
 * One end of a pair on real parts: a namespace, a kernel, an engine and a fast-path thread whose facts are kept.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FastPathThread,
  startFastPath,
} from '../../../agent/adapters/fast-path/fast-path-worker.ts';
import { WireGuardEngine } from '../../../agent/adapters/wireguard/wireguard-engine.ts';
import type { TunnelEngine } from '../../../agent/engine-port.ts';
import type { FastPathFact, FastPathOrder } from '../../../agent/model/fast-path.ts';
import type { FastPathSnapshot } from '../../../agent/model/snapshot.ts';
import type { BfdTimers, TunnelSpec } from '../../../agent/model/tunnel.ts';
import type { ActiveTunnelChange } from '../../../agent/model/tunnel-change.ts';
import { assert } from '../../../firmware-shim/base/assert.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import { type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';

export const BFD: BfdTimers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
export const DETECT_MS = BFD.requiredMinRxMs * BFD.detectMult;
/** Behind each end: what the other reaches through the tunnels. */
export const BEHIND = { branch: '10.98.0.1', hub: '10.99.0.1' } as const;

export type Role = 'branch' | 'hub';

/** Which engine makes the tunnels, and how a tunnel of it is specified. */
export interface EngineParts {
  readonly open: (end: LiveEnd) => Promise<TunnelEngine>;
  readonly specOf: (own: LiveEnd, far: LiveEnd, index: number) => Promise<TunnelSpec>;
}

export const WIREGUARD: EngineParts = {
  open: async ({ kernel, directory: stateDirectory, netns: { path: netnsPath } }) =>
    WireGuardEngine.open({ stateDirectory, netnsPath, kernel }),
  specOf: async (own, far, index) => specOf(own, far, await far.engine.publicKey(), index),
};

export class LiveEnd {
  readonly role: Role;
  readonly #parts: EngineParts;
  readonly netns: ScratchNetns;
  readonly facts: FastPathFact[] = [];
  readonly directory = mkdtempSync(join(tmpdir(), 'sag-fast-path-'));
  engine!: TunnelEngine;
  kernel!: Kernel;
  thread!: FastPathThread;
  #waiting: (() => void)[] = [];
  #requestId = 0;

  constructor(role: Role, parts: EngineParts = WIREGUARD) {
    this.role = role;
    this.#parts = parts;
    this.netns = scratchNetns();
    this.netns.ip('link', 'set', 'lo', 'up');
    this.netns.ip('addr', 'add', `${BEHIND[role]}/32`, 'dev', 'lo');
  }

  /** `wireguard-go` keeps its sockets in one place for all namespaces, so names carry our pid. */
  deviceName(index: number): string {
    return `fp${process.pid % 100_000}${this.role[0]}${index}`;
  }

  async open(): Promise<void> {
    this.kernel = openKernel({ netnsPath: this.netns.path });
    await this.openEngine();
    this.startThread();
  }

  async openEngine(): Promise<void> {
    this.engine = await this.#parts.open(this);
  }

  startThread(): void {
    this.thread = startFastPath({
      netnsPath: this.netns.path,
      onFact: (fact) => {
        this.facts.push(fact);
        for (const look of this.#waiting) look();
      },
    });
  }

  order(order: FastPathOrder): void {
    this.thread.order(order);
  }

  changes(since = 0): readonly ActiveTunnelChange[] {
    return this.facts
      .slice(since)
      .flatMap((fact) => (fact.type === 'activeTunnelChanged' ? [fact.change] : []));
  }

  async snapshot(): Promise<FastPathSnapshot> {
    this.#requestId += 1;
    const requestId = this.#requestId;
    this.order({ type: 'snapshotRequested', requestId });
    const fact = await this.until(
      (each) => each.type === 'snapshotTaken' && each.requestId === requestId,
    );
    assert(fact.type === 'snapshotTaken', 'waited for a snapshot');
    return {
      ...(fact.snapshot as FastPathSnapshot),
      ...(fact.netlink && { netlink: fact.netlink }),
    };
  }

  /** The first fact, from number `since` on, for which `holds`; bounded by the test's own time limit. */
  async until(holds: (fact: FastPathFact) => boolean, since = 0): Promise<FastPathFact> {
    for (;;) {
      const found = this.facts.slice(since).find(holds);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
      this.#waiting = [];
    }
  }

  async untilActive(tunnel: string, since = 0): Promise<void> {
    await this.until(
      (fact) => fact.type === 'activeTunnelChanged' && fact.change.to === tunnel,
      since,
    );
  }

  /** What took traffic away from a tunnel, after fact number `since`. */
  departure(tunnel: string, since: number): ActiveTunnelChange | undefined {
    return this.changes(since).find((change) => change.from === tunnel);
  }

  /** Waits until the first tunnel carries traffic and the second stands by: the calm before a fault. */
  async untilCalm(): Promise<void> {
    const isUp = (tunnel: string): boolean => {
      const told = this.facts.findLast(
        (fact) => fact.type === 'tunnelStateChanged' && fact.tunnel === tunnel,
      );
      return told?.type === 'tunnelStateChanged' && told.to === 'up';
    };
    await this.until(() => this.changes().at(-1)?.to === 't1' && isUp('t1') && isUp('t2'));
  }

  /** Waits until traffic is on this tunnel, whether it came back already or comes yet. */
  async untilOn(tunnel: string): Promise<void> {
    await this.until(() => this.changes().at(-1)?.to === tunnel);
  }

  async close(): Promise<void> {
    await this.thread?.stop();
    await this.engine?.close('remove');
    this.kernel?.close();
    this.netns.remove();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function specOf(own: LiveEnd, far: LiveEnd, remotePublicKey: string, index: number): TunnelSpec {
  return {
    id: `t${index}`,
    engine: 'wireguard',
    uplink: `wan${index}`,
    gateway: 'hub',
    deviceName: own.deviceName(index),
    listenPort: 51_820 + index,
    fwmark: 0,
    remote: { address: outer(far.role, index), port: 51_820 + index },
    remotePublicKey,
    innerLocal: inner(own.role, index),
    innerRemote: inner(far.role, index),
    innerPrefixLength: 30,
    mtu: 1_420,
  };
}

export function outer(role: Role, index: number): string {
  return `10.91.${index}.${role === 'branch' ? 1 : 2}`;
}

export function inner(role: Role, index: number): string {
  return `10.250.${index}.${role === 'branch' ? 1 : 2}`;
}
