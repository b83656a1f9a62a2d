/**
 * A branch and a hub on real parts: two namespaces, two veth WANs, two WireGuard tunnels, two fast-path threads.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FastPathThread, startFastPath } from '../../../agent/adapters/fast-path-worker.ts';
import { WireGuardEngine } from '../../../agent/adapters/wireguard-engine.ts';
import {
  DEFAULT_POLICY,
  type FastPathFact,
  type FastPathOrder,
  type FastPathPlan,
} from '../../../agent/model/fast-path.ts';
import type { FastPathSnapshot } from '../../../agent/model/snapshot.ts';
import type { BfdTimers, TunnelSpec } from '../../../agent/model/tunnel.ts';
import type { ActiveTunnelChange } from '../../../agent/model/tunnel-change.ts';
import type { TunnelEngine } from '../../../agent/ports.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import { type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';

export const BFD: BfdTimers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
export const DETECT_MS = BFD.requiredMinRxMs * BFD.detectMult;
/** Behind each end: what the other reaches through the tunnels. */
export const BEHIND = { branch: '10.98.0.1', hub: '10.99.0.1' } as const;

type Role = 'branch' | 'hub';

/** Why this machine cannot run it; undefined when it can. */
export function partsMissing(): string | undefined {
  for (const program of ['wg', 'nft', 'ip']) {
    try {
      execFileSync(program, ['--version'], { stdio: 'pipe' });
    } catch (error) {
      // What does not know the question is there all the same.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `${program} is not installed`;
    }
  }
  return undefined;
}

/** Which engine makes the tunnels, and how a tunnel of it is specified. */
export interface EngineParts {
  readonly open: (end: LiveEnd) => Promise<TunnelEngine>;
  readonly specOf: (own: LiveEnd, far: LiveEnd, index: number) => Promise<TunnelSpec>;
}

const WIREGUARD: EngineParts = {
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

  changes(): readonly ActiveTunnelChange[] {
    return this.facts.flatMap((fact) => (fact.type === 'activeTunnelChanged' ? [fact.change] : []));
  }

  async snapshot(): Promise<FastPathSnapshot> {
    this.#requestId += 1;
    const requestId = this.#requestId;
    this.order({ type: 'snapshotRequested', requestId });
    const fact = await this.until(
      (each) => each.type === 'snapshotTaken' && each.requestId === requestId,
    );
    return (fact.type === 'snapshotTaken' ? fact.snapshot : {}) as FastPathSnapshot;
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

export class TwoEnds {
  readonly branch: LiveEnd;
  readonly hub: LiveEnd;
  readonly #parts: EngineParts;

  constructor(parts: EngineParts = WIREGUARD) {
    this.branch = new LiveEnd('branch', parts);
    this.hub = new LiveEnd('hub', parts);
    this.#parts = parts;
  }

  async open(): Promise<void> {
    const { branch, hub } = this;
    for (const index of [1, 2]) {
      const wan = `wan${index}`;
      branch.netns.ip(
        'link',
        'add',
        wan,
        'type',
        'veth',
        'peer',
        'name',
        wan,
        'netns',
        hub.netns.name,
      );
      for (const end of [branch, hub]) {
        end.netns.ip('addr', 'add', `${outer(end.role, index)}/24`, 'dev', wan);
        end.netns.ip('link', 'set', wan, 'up');
      }
    }
    await Promise.all([branch.open(), hub.open()]);
    for (const index of [1, 2]) {
      await hub.engine.ensure(await this.#parts.specOf(hub, branch, index));
      await branch.engine.ensure(await this.#parts.specOf(branch, hub, index));
    }
  }

  async start(): Promise<void> {
    this.branch.order({ type: 'planReceived', plan: planOf(this.branch) });
    this.hub.order({ type: 'planReceived', plan: planOf(this.hub) });
    await Promise.all([this.branch.untilActive('t1'), this.hub.untilActive('t1')]);
    for (const end of [this.branch, this.hub]) {
      await end.until((f) => f.type === 'tunnelStateChanged' && f.tunnel === 't2' && f.to === 'up');
    }
  }

  /** Drops what arrives over one WAN at both ends: links stay up, nobody is told. */
  async blackHole(index: number): Promise<void> {
    await this.#atBoth(async (end) => {
      await nft(end, 'add table inet hole');
      await nft(end, 'add chain inet hole in { type filter hook input priority 0 ; }');
      await nft(end, `add rule inet hole in iifname wan${index} drop`);
    });
  }

  async fillHole(): Promise<void> {
    await this.#atBoth(async (end) => nft(end, 'delete table inet hole'));
  }

  /**
   * As the board sees it and then, when linkwatch finds the time, the kernel: it may hold a loss of carrier
   * back for up to a second.
   */
  async setCable(index: number, plugged: boolean): Promise<void> {
    this.branch.order({ type: 'portCarrierChanged', port: index, carrier: plugged });
    const words = ['-n', this.hub.netns.name, 'link', 'set', `wan${index}`];
    await run('ip', [...words, plugged ? 'up' : 'down']);
  }

  async close(): Promise<void> {
    await this.#atBoth(async (end) => end.close());
  }

  async #atBoth(act: (end: LiveEnd) => Promise<void>): Promise<void> {
    await Promise.all([act(this.branch), act(this.hub)]);
  }
}

export function planOf(end: LiveEnd, over: Partial<FastPathPlan> = {}): FastPathPlan {
  const other: Role = end.role === 'branch' ? 'hub' : 'branch';
  return {
    revision: 1,
    role: end.role,
    uplinks: [1, 2].map((index) => ({
      id: `wan${index}`,
      kind: 'wired',
      port: index,
      deviceName: `wan${index}`,
      priority: index,
      weight: 1,
      use: 'data',
      gateway: outer('hub', index),
    })),
    tunnels: [1, 2].map((index) => ({
      id: `t${index}`,
      uplink: `wan${index}`,
      gateway: 'hub',
      deviceName: end.deviceName(index),
      innerLocal: inner(end.role, index),
      innerRemote: inner(other, index),
      bfd: BFD,
      gatewayOrder: 1,
    })),
    prefixes: [`${BEHIND[other]}/32`],
    table: 254,
    policy: { ...DEFAULT_POLICY, failbackHoldMs: 1_000 },
    ...over,
  };
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

/** Without blocking this thread: the echo flows through it. */
const run = promisify(execFile);

async function nft(end: LiveEnd, command: string): Promise<void> {
  await run('ip', ['netns', 'exec', end.netns.name, 'nft', ...command.split(' ')]);
}
