/**
 * A branch and a hub with many paths between them: one wire and one kernel tunnel (VXLAN) for each, the shipped
 * fast path at both ends, and an echo through whichever path is active.
 *
 * VXLAN, because the figure is the failover and not an engine: a tunnel device that keeps its carrier when its
 * wire loses it, as those of the engines do.
 */
import {
  type FastPathThread,
  startFastPath,
} from '../../agent/adapters/fast-path/fast-path-worker.ts';
import {
  DEFAULT_POLICY,
  type FastPathFact,
  type FastPathPlan,
} from '../../agent/model/fast-path.ts';
import type { BfdTimers } from '../../agent/model/tunnel.ts';
import type { ActiveTunnelChange } from '../../agent/model/tunnel-change.ts';
import { type FieldSide, SessionField } from '../../sim/lab/session-field.ts';

const TABLE_MAIN = 254;
/** Behind each end: what the other reaches through the active path. */
export const BEHIND: Readonly<Record<FieldSide, string>> = { near: '10.98.0.1', far: '10.99.0.1' };
/** Where VXLAN listens (RFC 7348 section 4). */
const VXLAN_PORT = '4789';
const SIDES = ['near', 'far'] as const;

export interface PathLabOptions {
  readonly paths: number;
  readonly bfd: BfdTimers;
  /** Behind the hub, besides the one of the echo. */
  readonly prefixes?: readonly string[];
}

export class PathLab {
  readonly room: SessionField;
  readonly changes: ActiveTunnelChange[] = [];
  readonly #options: PathLabOptions;
  readonly #threads: FastPathThread[] = [];
  readonly #up = new Set<string>();
  #waiting: (() => void)[] = [];

  private constructor(room: SessionField, options: PathLabOptions) {
    this.room = room;
    this.#options = options;
  }

  static async open(options: PathLabOptions): Promise<PathLab> {
    const lab = new PathLab(await SessionField.open(0), options);
    try {
      await lab.#build();
      for (const side of SIDES) lab.#start(side);
      await lab.until(() => lab.changes.length > 0 && lab.upCount === options.paths);
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  /** Of the branch. */
  get active(): number {
    return Number(this.changes.at(-1)?.to?.slice(1));
  }

  get upCount(): number {
    return this.#up.size;
  }

  isUp(path: number): boolean {
    return this.#up.has(`t${path}`);
  }

  switchTo(path: number): void {
    const order = { type: 'switchRequested', requestId: 'bench', tunnel: `t${path}` } as const;
    this.#threads[0]?.order(order);
  }

  /** Drops what arrives over a wire at both ends: links stay up, nobody is told. */
  async blackHole(path: number): Promise<void> {
    const rule = `add rule inet hole in iifname wan${path} drop`;
    await Promise.all(SIDES.map(async (side) => this.room.nft(side, [rule])));
  }

  async fillHoles(): Promise<void> {
    await Promise.all(SIDES.map(async (side) => this.room.nft(side, ['flush chain inet hole in'])));
  }

  /**
   * The branch's own end of a wire, because a carrier lost by the far end's doing is told late where others share
   * the kernel: it passes such on once a second, for the devices of all namespaces together (`linkwatch`).
   */
  async setWire(path: number, up: boolean): Promise<void> {
    await this.room.ip('near', 'link', 'set', `wan${path}`, up ? 'up' : 'down');
  }

  /** Looks again after each fact of the branch. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(async (thread) => thread.stop()));
    await this.room.close();
  }

  async #build(): Promise<void> {
    for (let path = 1; path <= this.#options.paths; path += 1) {
      const wan = `wan${path}`;
      const far = ['peer', 'name', wan, 'netns', this.room.netnsName('far')];
      await this.room.ip('near', 'link', 'add', wan, 'type', 'veth', ...far);
    }
    for (const side of SIDES) {
      await this.room.ip(side, 'addr', 'add', `${BEHIND[side]}/32`, 'dev', 'lo');
      for (let path = 1; path <= this.#options.paths; path += 1) await this.#path(side, path);
      const chain = 'add chain inet hole in { type filter hook input priority 0 ; }';
      await this.room.nft(side, ['add table inet hole', chain]);
    }
  }

  async #path(side: FieldSide, path: number): Promise<void> {
    const [wan, tunnel] = [`wan${path}`, `path${path}`];
    const ends = ['local', outer(side, path), 'remote', outer(other(side), path)];
    const vxlan = ['type', 'vxlan', 'id', String(path), ...ends, 'dstport', VXLAN_PORT];
    await this.room.ip(side, 'addr', 'add', `${outer(side, path)}/24`, 'dev', wan);
    await this.room.ip(side, 'link', 'set', wan, 'up');
    await this.room.ip(side, 'link', 'add', tunnel, ...vxlan, 'dev', wan);
    await this.room.ip(side, 'addr', 'add', `${inner(side, path)}/30`, 'dev', tunnel);
    await this.room.ip(side, 'link', 'set', tunnel, 'up');
  }

  #start(side: FieldSide): void {
    const netnsPath = this.room.netnsPath(side);
    const onFact = (fact: FastPathFact): void => {
      if (side === 'near') this.#hear(fact);
    };
    const thread = startFastPath({ netnsPath, onFact });
    this.#threads.push(thread);
    thread.order({ type: 'planReceived', plan: this.#plan(side) });
  }

  #plan(side: FieldSide): FastPathPlan {
    const paths = Array.from({ length: this.#options.paths }, (_, at) => at + 1);
    return {
      revision: 1,
      role: side === 'near' ? 'branch' : 'hub',
      uplinks: paths.map((path) => ({
        id: `wan${path}`,
        kind: 'wired',
        port: path,
        deviceName: `wan${path}`,
        priority: path,
        weight: 1,
        use: 'data',
        gateway: outer(other(side), path),
      })),
      tunnels: paths.map((path) => ({
        id: `t${path}`,
        uplink: `wan${path}`,
        gateway: 'hub',
        deviceName: `path${path}`,
        innerLocal: inner(side, path),
        innerRemote: inner(other(side), path),
        bfd: this.#options.bfd,
        gatewayOrder: 1,
      })),
      prefixes: [
        `${BEHIND[other(side)]}/32`,
        ...(side === 'near' ? (this.#options.prefixes ?? []) : []),
      ],
      table: TABLE_MAIN,
      // Traffic stays where it went: each round begins from there.
      policy: { ...DEFAULT_POLICY, failbackHoldMs: 600_000 },
      sla: 'none',
    };
  }

  #hear(fact: FastPathFact): void {
    if (fact.type === 'activeTunnelChanged') this.changes.push(fact.change);
    if (fact.type === 'tunnelStateChanged') {
      if (fact.to === 'up') this.#up.add(fact.tunnel);
      else this.#up.delete(fact.tunnel);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}

function other(side: FieldSide): FieldSide {
  return side === 'near' ? 'far' : 'near';
}

function outer(side: FieldSide, path: number): string {
  return `10.91.${path}.${side === 'near' ? 1 : 2}`;
}

function inner(side: FieldSide, path: number): string {
  return `10.250.${path}.${side === 'near' ? 1 : 2}`;
}
