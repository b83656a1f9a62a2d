/**
 * A branch and a hub with any number of tunnels between them in virtual time: the shipped fast path at both ends, and
 * nothing else.
 */
import {
  DEFAULT_POLICY,
  type FastPathFact,
  type FastPathPlan,
} from '../../agent/model/fast-path.ts';
import type { BfdTimers, TunnelPlan } from '../../agent/model/tunnel.ts';
import type { Uplink } from '../../agent/model/uplink.ts';
import { FastPathWiring } from '../../agent/wiring/fast-path-wiring.ts';
import { FastPathBody } from '../../sim/models/branch/fast-path-body.ts';
import { KernelHost } from '../../sim/models/kernel/kernel-host.ts';
import { TABLE_MAIN } from '../../sim/models/kernel/kernel-state.ts';
import { type TunnelEnd, TunnelPath } from '../../sim/models/network/network-path.ts';
import { CLEAN_PATH, Network } from '../../sim/world/network.ts';
import { World } from '../../sim/world/world.ts';

const UPLINKS = [1, 2].map((port) => ({
  id: `wan${port}`,
  kind: 'wired' as const,
  port,
  deviceName: `wan${port}`,
  priority: port,
  weight: 1,
  use: 'data' as const,
  gateway: `10.${port}.0.1`,
})) satisfies readonly Uplink[];
const PREFIXES = { branch: '172.16.0.0/16', hub: '192.168.10.0/24' } as const;
const START_MS = 10_000;
/** As in calm time of the world: between two samples of the exchange, and how long a sample is played. */
const REST_MS = 19_000;
const SAMPLE_MS = 300;

export class TunnelField {
  readonly #world = new World(1);
  readonly #count: number;
  readonly #bfd: BfdTimers;
  readonly #paths = new Map<string, TunnelPath>();
  readonly #ends: readonly FastPathBody[];
  readonly #up = new Set<string>();

  constructor(count: number, bfd: BfdTimers) {
    this.#count = count;
    this.#bfd = bfd;
    const network = new Network(this.#world);
    for (const { id, uplink } of this.#tunnels('branch')) {
      const path = network.add(uplink, id, CLEAN_PATH);
      const always = (): boolean => true;
      const ends = { uplinkCarries: always, isOpen: always };
      this.#paths.set(id, new TunnelPath({ tunnel: id, uplink, gateway: 'hub', path, ...ends }));
    }
    this.#ends = [this.#makeEnd('branch'), this.#makeEnd('hub')];
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  /** Until every session is Up and all there is to find at the start is found. */
  async start(): Promise<void> {
    await this.#world.run(START_MS);
    this.#mustStand();
  }

  /** Plays every packet. */
  async play(forMs: number): Promise<void> {
    await this.#world.run(this.#world.nowMs + forMs);
    this.#mustStand();
  }

  /** Takes the steady exchange as a rate, with samples that are played. */
  async rest(forMs: number): Promise<void> {
    const untilMs = this.#world.nowMs + forMs;
    while (this.#world.nowMs < untilMs) {
      for (const end of this.#ends) end.hold();
      await this.#world.run(this.#world.nowMs + REST_MS);
      for (const end of this.#ends) end.release();
      await this.#world.run(this.#world.nowMs + SAMPLE_MS);
    }
    this.#mustStand();
  }

  #mustStand(): void {
    if (this.#up.size === this.#count * 2) return;
    throw new Error(`${this.#up.size} of ${this.#count * 2} sessions are Up`);
  }

  #makeEnd(end: TunnelEnd): FastPathBody {
    const host = new KernelHost(this.#world, end);
    for (const { port, deviceName } of UPLINKS) {
      host.addDevice({ name: deviceName, addresses: [`10.${port}.0.${end === 'hub' ? 1 : 2}/24`] });
    }
    for (const { deviceName: name, innerLocal } of this.#tunnels(end)) {
      host.addDevice({ name, kind: 'wireguard', mtu: 1_420, addresses: [`${innerLocal}/31`] });
    }
    const body = new FastPathBody({
      world: this.#world,
      name: end,
      core: new FastPathWiring(this.#world.randomOf(end)),
      kernel: host.open(),
      end,
      pathOf: (tunnel) => this.#paths.get(tunnel),
      onFact: (fact) => this.#hear(end, fact),
    });
    body.post({ type: 'planReceived', plan: this.#plan(end) });
    if (end === 'branch') {
      for (const { port } of UPLINKS)
        body.post({ type: 'portCarrierChanged', port, carrier: true });
    }
    return body;
  }

  #plan(end: TunnelEnd): FastPathPlan {
    return {
      revision: 1,
      role: end,
      uplinks: end === 'branch' ? UPLINKS : [],
      tunnels: this.#tunnels(end),
      prefixes: [PREFIXES[end]],
      table: TABLE_MAIN,
      policy: DEFAULT_POLICY,
    };
  }

  #tunnels(end: TunnelEnd): readonly TunnelPlan[] {
    return Array.from({ length: this.#count }, (_, index) => {
      const network = `10.250.${index >> 7}.`;
      const low = (index & 127) * 2;
      const [near, far] = [`${network}${low}`, `${network}${low + 1}`];
      return {
        id: `t${index}`,
        uplink: UPLINKS[index % UPLINKS.length]?.id ?? '',
        gateway: 'hub',
        deviceName: `wg${index}`,
        innerLocal: end === 'branch' ? near : far,
        innerRemote: end === 'branch' ? far : near,
        bfd: this.#bfd,
        gatewayOrder: 1,
      };
    });
  }

  #hear(end: TunnelEnd, fact: FastPathFact): void {
    if (fact.type !== 'tunnelStateChanged') return;
    const key = `${end} ${fact.tunnel}`;
    if (fact.to === 'up') this.#up.add(key);
    else this.#up.delete(key);
  }
}
