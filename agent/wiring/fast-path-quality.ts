/**
 * The quality probes of all tunnels, put together: which packet is for whom on the STAMP port, and which of
 * them run while a tunnel is Up and its uplink can be used: what misses over a cable that is out is no quality.
 *
 * Both ends ask for the MTU, each for its own device; only the branch measures quality, because only the
 * branch chooses. Request and answer share one port, so the session identifier tells whose session it is.
 */
import { type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import { DueHeap } from '../../firmware-shim/base/due-heap.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import { DeviceView } from '../model/device-view.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { PathQualityFigures } from '../model/quality.ts';
import type { TunnelId, TunnelPlan } from '../model/tunnel.ts';
import type { UplinkId, UplinkKind } from '../model/uplink.ts';
import type { KeeperEvent } from '../routes/keeper-events.ts';
import { mtuRecheckMs } from '../tunnel/quality/mtu-cadence.ts';
import { type MtuEffect, MtuSearch } from '../tunnel/quality/mtu-search.ts';
import { STAMP_PORT, stampSession } from '../tunnel/quality/stamp-packet.ts';
import { StampReflector } from '../tunnel/quality/stamp-reflector.ts';
import { StampSender, stampIntervalMs, WINDOW_MS } from '../tunnel/quality/stamp-sender.ts';
import type { FastPathEffect } from './fast-path-contract.ts';
import { noted, sent, told } from './fast-path-effects.ts';

export type QualityEffect =
  | FastPathEffect
  | { readonly type: 'tellKeeper'; readonly event: KeeperEvent };

/** RFC 8972 session identifiers of the MTU searches; quality has 1. */
const MTU_SESSION = { branch: 2, hub: 3 } as const;
/** Header bytes between an IP packet's size and a TCP segment's (RFC 9293 section 3.7.1). */
const MSS_HEADERS = { ipv4: 40, ipv6: 60 } as const;

interface Probed {
  readonly plan: TunnelPlan;
  readonly kind: UplinkKind;
  readonly sender: StampSender;
  search: MtuSearch | undefined;
  /** Its session is. */
  isUp: boolean;
}

export class FastPathQuality {
  readonly #random: Random;
  readonly #devices = new DeviceView();
  readonly #reflector = new StampReflector();
  readonly #probed = new Map<TunnelId, Probed>();
  /** Who wants to be woken when, so that a packet or a tick costs the same for any number of tunnels. */
  readonly #due = new DueHeap<TunnelId>();
  readonly #unusable = new Set<UplinkId>();
  #plan: FastPathPlan | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  planned(plan: FastPathPlan): void {
    this.#plan = plan;
  }

  kernelChanged(events: readonly KernelEvent[]): void {
    this.#devices.apply(events);
  }

  start(plan: TunnelPlan): void {
    const uplink = this.#plan?.uplinks.find((each) => each.id === plan.uplink);
    const kind = uplink?.kind ?? 'wired';
    const sender = new StampSender(this.#random);
    this.#probed.set(plan.id, { plan, kind, sender, search: undefined, isUp: false });
  }

  stop(tunnel: TunnelId, nowMs: number): readonly QualityEffect[] {
    const effects = this.#turnOff(tunnel, nowMs);
    this.#probed.delete(tunnel);
    this.#due.remove(tunnel);
    this.#reflector.forget(tunnel);
    return effects;
  }

  /** The tunnel's session is Up, or is not any more. */
  turned(tunnel: TunnelId, up: boolean, nowMs: number): readonly QualityEffect[] {
    const probed = this.#probed.get(tunnel);
    if (probed === undefined) return nothing;
    probed.isUp = up;
    return this.#follow(probed, nowMs);
  }

  uplinkJudged(uplink: UplinkId, usable: boolean, nowMs: number): readonly QualityEffect[] {
    if (usable) this.#unusable.delete(uplink);
    else this.#unusable.add(uplink);
    return [...this.#probed.values()].flatMap((probed) =>
      probed.isUp && probed.plan.uplink === uplink ? this.#follow(probed, nowMs) : nothing,
    );
  }

  #follow(probed: Probed, nowMs: number): readonly QualityEffect[] {
    const { plan, kind, sender } = probed;
    const tunnel = plan.id;
    if (!probed.isUp || this.#unusable.has(plan.uplink)) return this.#turnOff(tunnel, nowMs);
    if (this.#plan?.role === 'branch') {
      const intervalMs = stampIntervalMs(kind, plan.bfd.desiredMinTxMs);
      sender.handle({ type: 'enabled', intervalMs }, nowMs);
    }
    const deviceMtu = this.#devices.linkByName(plan.deviceName)?.mtu;
    if (deviceMtu === undefined) return this.#fromSearch(probed, nothing);
    const ceiling = this.#plan?.innerMtus?.[tunnel] ?? deviceMtu;
    probed.search ??= new MtuSearch({
      session: MTU_SESSION[this.#plan?.role ?? 'branch'],
      family: plan.innerLocal.includes(':') ? 'ipv6' : 'ipv4',
      ceiling,
      recheckMs: this.#recheckMs(plan, ceiling),
    });
    return this.#fromSearch(probed, probed.search.handle({ type: 'enabled', deviceMtu }, nowMs));
  }

  hear(tunnel: TunnelId, bytes: Uint8Array, nowMs: number): readonly QualityEffect[] {
    const probed = this.#probed.get(tunnel);
    const session = stampSession(bytes);
    const role = this.#plan?.role ?? 'branch';
    if (probed === undefined || session === undefined) return nothing;
    const event = { type: 'packetArrived', bytes } as const;
    if (session === MTU_SESSION[role]) {
      return this.#fromSearch(probed, probed.search?.handle(event, nowMs) ?? nothing);
    }
    if (role === 'branch' && session !== MTU_SESSION.hub) {
      probed.sender.handle(event, nowMs);
      return nothing;
    }
    const answers = this.#reflector.hear(tunnel, bytes, nowMs);
    const isSize = session === MTU_SESSION[role === 'hub' ? 'branch' : 'hub'];
    const heard = { type: 'farEndAsked', bytes: bytes.byteLength } as const;
    const own = isSize ? (probed.search?.handle(heard, nowMs) ?? nothing) : nothing;
    return [
      ...answers.map((effect) => sent(tunnel, STAMP_PORT, effect.bytes)),
      ...this.#fromSearch(probed, own),
    ];
  }

  wokeLate(lateMs: number, nowMs: number): void {
    for (const { sender } of this.#probed.values()) {
      sender.handle({ type: 'wokeLate', lateMs }, nowMs);
    }
  }

  tick(nowMs: number): readonly QualityEffect[] {
    const out: QualityEffect[] = [];
    this.#due.wake(nowMs, (tunnel) => {
      const probed = this.#probed.get(tunnel);
      if (probed === undefined) return Infinity;
      const stamps = probed.sender.tick(nowMs);
      const searched = this.#fromSearch(probed, probed.search?.tick(nowMs) ?? nothing);
      out.push(...stamps.map(({ bytes }) => sent(tunnel, STAMP_PORT, bytes)), ...searched);
      return dueAtMs(probed);
    });
    return out;
  }

  deadline(): Deadline | undefined {
    const first = this.#due.first();
    return first && { atMs: first.atMs, why: 'a probe of path quality or size' };
  }

  figuresOf(tunnel: TunnelId, nowMs: number): PathQualityFigures | undefined {
    const probed = this.#probed.get(tunnel);
    return probed?.sender.figures(WINDOW_MS[probed.kind], nowMs);
  }

  snapshot(tunnel: TunnelId, nowMs: number) {
    const probed = this.#probed.get(tunnel);
    if (probed === undefined) return undefined;
    return {
      ...probed.sender.snapshot(WINDOW_MS[probed.kind], nowMs),
      ...(probed.search === undefined ? {} : { mtu: probed.search.snapshot() }),
    };
  }

  #recheckMs({ uplink: id }: TunnelPlan, mtu: number): number {
    const { uplinks = [], tunnels = [] } = this.#plan ?? {};
    const uplink = uplinks.find((each) => each.id === id);
    const sharing = tunnels.filter((each) => each.uplink === id).length;
    return mtuRecheckMs({ uplink, tunnels: sharing, mtu });
  }

  #turnOff(tunnel: TunnelId, nowMs: number): readonly QualityEffect[] {
    const probed = this.#probed.get(tunnel);
    if (probed === undefined) return nothing;
    probed.sender.handle({ type: 'disabled' }, nowMs);
    return this.#fromSearch(probed, probed.search?.handle({ type: 'disabled' }, nowMs) ?? nothing);
  }

  /** Whatever moved sender or search ends here. */
  #fromSearch(probed: Probed, effects: readonly MtuEffect[]): readonly QualityEffect[] {
    const { plan } = probed;
    this.#due.set(plan.id, dueAtMs(probed));
    return effects.flatMap((effect): readonly QualityEffect[] => {
      switch (effect.type) {
        case 'sendStamp':
          return [sent(plan.id, STAMP_PORT, effect.bytes)];
        case 'setDeviceMtu': {
          const { mtu } = effect;
          return [{ type: 'tellKeeper', event: { type: 'setDeviceMtu', tunnel: plan.id, mtu } }];
        }
        case 'pathMtuFound':
          return found(plan.id, effect.mtu, effect.lowered);
      }
    });
  }
}

function dueAtMs({ sender, search }: Probed): number {
  return earlier(sender.deadline(), search?.deadline())?.atMs ?? Infinity;
}

/** The state side clamps TCP to the segment sizes that fit. */
function found(tunnel: TunnelId, mtu: number, lowered: boolean): readonly QualityEffect[] {
  const mss = { ipv4: mtu - MSS_HEADERS.ipv4, ipv6: mtu - MSS_HEADERS.ipv6 };
  return [
    told({ type: 'pathMtuChanged', tunnel, mtu, mss }),
    noted({ code: 'pathMtuFound', level: lowered ? 'warning' : 'info', tunnel, mtu }),
  ];
}
