/**
 * A branch and a hub with two uplinks between them, inside the guest, and the faults that befall the uplinks.
 */
import { DEFAULT_POLICY, type FastPathPlan } from '../../../agent/model/fast-path.ts';
import type { BfdTimers, TunnelPlan } from '../../../agent/model/tunnel.ts';
import { BEHIND, GuestEnd, INDEXES } from './guest-end.ts';

/** Slow, because each packet of two minutes is carried in software emulation. */
const BFD: BfdTimers = { desiredMinTxMs: 1_000, requiredMinRxMs: 1_000, detectMult: 3 };
export const DETECT_MS = BFD.requiredMinRxMs * BFD.detectMult;

export class GuestLab {
  readonly branch = new GuestEnd('branch');
  readonly hub = new GuestEnd('hub');

  constructor() {
    const { branch, hub } = this;
    for (const index of INDEXES) {
      const wan = `wan${index}`;
      const peer = ['peer', 'name', wan, 'netns', hub.netns.name];
      branch.netns.ip('link', 'add', wan, 'type', 'veth', ...peer);
      for (const end of this.ends) {
        end.netns.ip('addr', 'add', `${end.outer(index)}/24`, 'dev', wan);
        end.netns.ip('link', 'set', wan, 'up');
      }
    }
  }

  get ends(): readonly GuestEnd[] {
    return [this.branch, this.hub];
  }

  far(end: GuestEnd): GuestEnd {
    return end === this.branch ? this.hub : this.branch;
  }

  /** Resolves when both tunnels are up and the first carries the traffic, on both ends. */
  async start(deviceName: (end: GuestEnd, index: number) => string): Promise<void> {
    for (const end of this.ends) {
      const plan = planOf(end, this.far(end), deviceName);
      end.thread.order({ type: 'planReceived', plan });
    }
    for (const end of this.ends) {
      for (const index of INDEXES) await untilUp(end, `t${index}`, 0);
      await end.untilActive('t1');
    }
  }

  /** Drops what arrives over one uplink at both ends: links stay up, nobody is told. */
  async blackHole(index: number): Promise<void> {
    for (const end of this.ends) {
      await end.run('nft', 'add', 'table', 'inet', 'hole');
      const chain = ['type', 'filter', 'hook', 'prerouting', 'priority', '-400', ';'];
      await end.run('nft', 'add', 'chain', 'inet', 'hole', 'in', '{', ...chain, '}');
      await end.run('nft', 'add', 'rule', 'inet', 'hole', 'in', 'iifname', `wan${index}`, 'drop');
    }
  }

  async fillHole(): Promise<void> {
    for (const end of this.ends) await end.run('nft', 'delete', 'table', 'inet', 'hole');
  }

  /** As the board sees it, and the kernel, which may hold a loss of carrier back for a second. */
  async setCable(index: number, plugged: boolean): Promise<void> {
    this.branch.thread.order({ type: 'portCarrierChanged', port: index, carrier: plugged });
    await this.hub.run('ip', 'link', 'set', `wan${index}`, plugged ? 'up' : 'down');
  }

  async close(): Promise<void> {
    for (const end of this.ends) await end.close();
  }
}

async function untilUp(end: GuestEnd, tunnel: string, since: number): Promise<void> {
  await end.until(
    `${tunnel} to be up`,
    (each) => each.type === 'tunnelStateChanged' && each.tunnel === tunnel && each.to === 'up',
    since,
  );
}

function planOf(
  end: GuestEnd,
  far: GuestEnd,
  deviceName: (end: GuestEnd, index: number) => string,
): FastPathPlan {
  const tunnel = (index: number): TunnelPlan => ({
    id: `t${index}`,
    uplink: `wan${index}`,
    gateway: 'hub',
    deviceName: deviceName(end, index),
    innerLocal: end.inner(index),
    innerRemote: far.inner(index),
    bfd: BFD,
    gatewayOrder: 1,
  });
  return {
    revision: 1,
    role: end.role,
    uplinks: INDEXES.map((index) => ({
      id: `wan${index}`,
      kind: 'wired',
      port: index,
      deviceName: `wan${index}`,
      priority: index,
      weight: 1,
      use: 'data',
      gateway: far.outer(index),
    })),
    tunnels: INDEXES.map(tunnel),
    prefixes: [`${BEHIND[far.role]}/32`],
    table: 254,
    policy: { ...DEFAULT_POLICY, failbackHoldMs: 1_000 },
  };
}
