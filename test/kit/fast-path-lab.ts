/**
 * A branch with two tunnels over two uplinks and its hub, in virtual time: cables can be pulled, tunnels made
 * silent, agents restarted.
 */
import type { FastPathPlan } from '../../agent/model/fast-path.ts';
import { DEFAULT_POLICY } from '../../agent/model/fast-path.ts';
import type { TunnelPlan } from '../../agent/model/tunnel.ts';
import type { Uplink } from '../../agent/model/uplink.ts';
import { FastPathEnd } from './fast-path-end.ts';

const TRAVEL_MS = 1;
export const BFD = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
export const PREFIXES = ['10.80.0.0/16', '10.81.0.0/16'];

export function uplink(index: number, over: Partial<Uplink> = {}): Uplink {
  return {
    id: `wan${index}`,
    kind: 'wired',
    port: index,
    deviceName: `wan${index}`,
    priority: index,
    weight: 1,
    use: 'data',
    gateway: `10.${index}.0.1`,
    ...over,
  };
}

export function branchTunnel(index: number): TunnelPlan {
  return {
    id: `t${index}`,
    uplink: `wan${index}`,
    gateway: 'hub',
    deviceName: `wgb${index}`,
    innerLocal: `10.250.${index}.1`,
    innerRemote: `10.250.${index}.2`,
    bfd: BFD,
    gatewayOrder: 1,
  };
}

export function branchPlan(over: Partial<FastPathPlan> = {}): FastPathPlan {
  return {
    revision: 1,
    role: 'branch',
    uplinks: [uplink(1), uplink(2)],
    tunnels: [branchTunnel(1), branchTunnel(2)],
    prefixes: PREFIXES,
    table: 254,
    policy: DEFAULT_POLICY,
    ...over,
  };
}

/** The same tunnels seen from the hub, under other ids: ids are private to each end. */
export function hubPlan(): FastPathPlan {
  const tunnels = [1, 2].map((index) => ({
    ...branchTunnel(index),
    id: `h${index}`,
    deviceName: `wgh${index}`,
    innerLocal: `10.250.${index}.2`,
    innerRemote: `10.250.${index}.1`,
  }));
  return { ...branchPlan(), role: 'hub', uplinks: [], tunnels, prefixes: ['192.168.7.0/24'] };
}

export class FastPathLab {
  readonly branch: FastPathEnd;
  readonly hub: FastPathEnd;
  /** Tunnels by index that lose everything towards one end. */
  readonly lost = { toHub: new Set<number>(), toBranch: new Set<number>() };
  /** Packets that vanish, by what they are. */
  readonly drops: Record<
    'toHub' | 'toBranch',
    (port: number, bytes: Uint8Array, tunnel: number) => boolean
  > = {
    toHub: () => false,
    toBranch: () => false,
  };
  readonly #travelling: { atMs: number; deliver: () => void }[] = [];
  #nowMs = 0;

  constructor(seed = 1) {
    this.branch = new FastPathEnd(seed, (tunnel, port, bytes) =>
      this.#carry('toHub', this.hub, tunnel, `h${tunnel.slice(1)}`, port, bytes),
    );
    this.hub = new FastPathEnd(seed + 1_000, (tunnel, port, bytes) =>
      this.#carry('toBranch', this.branch, tunnel, `t${tunnel.slice(1)}`, port, bytes),
    );
    for (const index of [1, 2]) {
      this.branch.kernel.addDevice({ name: `wan${index}`, addresses: [`10.${index}.0.2/24`] });
      this.addTunnelDevice(index);
      this.hub.kernel.addDevice({
        name: `wgh${index}`,
        kind: 'wireguard',
        addresses: [`10.250.${index}.2/30`],
      });
    }
    this.branch.listen();
    this.hub.listen();
  }

  addTunnelDevice(index: number): void {
    this.branch.kernel.addDevice({
      name: `wgb${index}`,
      kind: 'wireguard',
      addresses: [`10.250.${index}.1/30`],
    });
  }

  /** Both ends have their plans and five seconds to come up. */
  start(plan = branchPlan()): void {
    this.branch.post({ type: 'planReceived', plan });
    this.hub.post({ type: 'planReceived', plan: hubPlan() });
    this.run(5_000);
  }

  /** As the board and the kernel see it; the tunnel's own device does not notice. */
  pullCable(index: number): void {
    this.lost.toHub.add(index);
    this.lost.toBranch.add(index);
    this.branch.kernel.setCarrier(`wan${index}`, false);
    this.branch.settle();
  }

  plugCable(index: number): void {
    this.unsilence(index);
    this.branch.kernel.setCarrier(`wan${index}`, true);
    this.branch.settle();
  }

  silence(index: number): void {
    this.lost.toHub.add(index);
    this.lost.toBranch.add(index);
  }

  unsilence(index: number): void {
    this.lost.toHub.delete(index);
    this.lost.toBranch.delete(index);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  run(forMs: number): void {
    const untilMs = this.#nowMs + forMs;
    for (;;) {
      const nextMs = Math.min(
        this.branch.wiring.deadline()?.atMs ?? Infinity,
        this.hub.wiring.deadline()?.atMs ?? Infinity,
        this.#travelling[0]?.atMs ?? Infinity,
      );
      if (nextMs > untilMs) break;
      this.#setTime(Math.max(this.#nowMs, nextMs));
      while ((this.#travelling[0]?.atMs ?? Infinity) <= this.#nowMs) {
        this.#travelling.shift()?.deliver();
      }
      this.branch.tick();
      this.hub.tick();
    }
    this.#setTime(untilMs);
  }

  #carry(
    direction: 'toHub' | 'toBranch',
    to: FastPathEnd,
    from: string,
    tunnel: string,
    port: number,
    bytes: Uint8Array,
  ): void {
    if (this.lost[direction].has(Number(from.slice(1)))) return;
    if (this.drops[direction](port, bytes, Number(from.slice(1)))) return;
    const deliver = (): void => {
      if (to.open.has(tunnel)) to.post({ type: 'probeArrived', tunnel, port, bytes });
    };
    this.#travelling.push({ atMs: this.#nowMs + TRAVEL_MS, deliver });
  }

  #setTime(nowMs: number): void {
    this.#nowMs = nowMs;
    this.branch.nowMs = nowMs;
    this.hub.nowMs = nowMs;
  }
}

/** Up and running: traffic over the first tunnel on both ends. */
export function started(seed = 1, plan = branchPlan()): FastPathLab {
  const lab = new FastPathLab(seed);
  lab.start(plan);
  if (lab.branch.active() !== 't1' || lab.hub.active() !== 'h1') {
    throw new Error(`did not start: ${lab.branch.active()} and ${lab.hub.active()}`);
  }
  return lab;
}

/** Over which device the branch sends to the prefixes, or what becomes of it instead. */
export function branchVia(lab: FastPathLab): string {
  const fate = lab.branch.kernel.lookUp({ destination: '10.80.1.1' });
  if (fate.to !== 'device') return fate.to;
  const names = ['wgb1', 'wgb2', 'wan1', 'wan2'];
  const found = names.find((name) => lab.branch.kernel.linkNamed(name)?.index === fate.deviceIndex);
  return found ?? 'elsewhere';
}
