/**
 * A branch and a hub on real parts: two namespaces, two veth WANs, two WireGuard tunnels, two fast-path threads.
 */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { DEFAULT_POLICY, type FastPathPlan } from '../../../agent/model/fast-path.ts';
import {
  BEHIND,
  BFD,
  type EngineParts,
  inner,
  LiveEnd,
  outer,
  type Role,
  WIREGUARD,
} from './live-end.ts';

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
      const peer = ['peer', 'name', wan, 'netns', hub.netns.name];
      branch.netns.ip('link', 'add', wan, 'type', 'veth', ...peer);
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

  /** Waits until traffic is back on the first tunnel at both ends, and the second stands by. */
  async failback(heal: () => Promise<void>): Promise<void> {
    await heal();
    await this.branch.untilCalm();
    await this.hub.untilOn('t1');
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

/** Without blocking this thread: the echo flows through it. */
const run = promisify(execFile);

async function nft(end: LiveEnd, command: string): Promise<void> {
  await run('ip', ['netns', 'exec', end.netns.name, 'nft', ...command.split(' ')]);
}
