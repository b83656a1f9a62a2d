/**
 * Who hears what on the fast path: uplink monitor, sessions, supervisor, announcement and route keeper as one
 * core. It routes and translates; it decides nothing.
 *
 *     board, kernel ─▶ uplink monitor ─▶┐
 *     probes ─▶ sessions ──────────────▶ supervisor ─▶ route keeper ─▶ kernel
 *     path packets ─▶ listener ────────▶┘     └─▶ announcer ─▶ path packets
 *
 * The keeper hears the kernel before the supervisor does, so that it knows what a lost device took along
 * before it is told where traffic goes now.
 */
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { Note } from '../model/note.ts';
import type { FastPathSnapshot } from '../model/snapshot.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { KeeperEffect } from '../routes/keeper-events.ts';
import { RouteKeeper } from '../routes/route-keeper.ts';
import { type AnnouncerEffect, PathAnnouncer } from '../tunnel/announcement/path-announcer.ts';
import { type ListenerEffect, PathListener } from '../tunnel/announcement/path-listener.ts';
import type { LivenessEvent } from '../tunnel/liveness/liveness-session.ts';
import type { SupervisorEffect, SupervisorEvent } from '../tunnel/supervisor-events.ts';
import { TunnelSupervisor } from '../tunnel/tunnel-supervisor.ts';
import { type UplinkEffect, type UplinkEvent, UplinkMonitor } from '../uplink/uplink-monitor.ts';
import { type FastPathEffect, type FastPathEvent, PATH_PORT } from './fast-path-contract.ts';
import { noted, resynced, sent, told } from './fast-path-effects.ts';
import { FastPathFlows } from './fast-path-flows.ts';
import { FastPathProbes, type ProbesEffect } from './fast-path-probes.ts';
import { fastPathSnapshot } from './fast-path-snapshot.ts';

export class FastPathWiring implements Core<FastPathEvent, FastPathEffect> {
  readonly #monitor = new UplinkMonitor();
  readonly #probes: FastPathProbes;
  readonly #supervisor = new TunnelSupervisor(
    (tunnel, nowMs) => this.#probes.proofOf(tunnel, nowMs),
    (tunnel, nowMs) => this.#probes.qualityOf(tunnel, nowMs),
  );
  readonly #announcer: PathAnnouncer;
  readonly #listener = new PathListener();
  readonly #keeper = new RouteKeeper();
  readonly #flows = new FastPathFlows();
  #role: FastPathPlan['role'] = 'branch';
  #stopped = false;

  constructor(random: Random) {
    this.#probes = new FastPathProbes(random);
    this.#announcer = new PathAnnouncer(random.u32());
  }

  handle(event: FastPathEvent, nowMs: number): readonly FastPathEffect[] {
    if (this.#stopped) return nothing;
    switch (event.type) {
      case 'planReceived':
        return this.#hearPlan(event.plan, nowMs);
      case 'kernelChanged':
        return this.#hearKernel(event.events, nowMs);
      case 'kernelAnswered':
        // The flow keeper counts its tickets downwards.
        return event.ticket < 0
          ? this.#flows.handle(event, nowMs)
          : this.#fromKeeper(this.#keeper.handle(event, nowMs), nowMs);
      case 'flowsCounted':
        return this.#flows.handle(event, nowMs);
      case 'dataStopChanged': {
        const flows = this.#flows.handle(event, nowMs);
        return [...this.#fromKeeper(this.#keeper.handle(event, nowMs), nowMs), ...flows];
      }
      case 'probeArrived':
        return this.#hearProbe(event.tunnel, event.port, event.bytes, nowMs);
      case 'portCarrierChanged':
      case 'lteRegistrationChanged':
      case 'boardLost':
        return this.#toMonitor(event, nowMs);
      case 'probeFailed':
      case 'engineLostTunnel':
      case 'switchRequested':
        return this.#toSupervisor(event, nowMs);
      case 'trafficSeen':
        return this.#toSession(event.tunnel, { type: 'trafficSeen' }, nowMs);
      case 'wokeLate':
        return this.#hearLateness(event.lateMs, nowMs);
      case 'snapshotRequested': {
        const { requestId } = event;
        const snapshot = this.snapshot(nowMs);
        return [told({ type: 'snapshotTaken', requestId, snapshot })];
      }
      case 'stopRequested':
        return this.#stop(nowMs);
    }
  }

  tick(nowMs: number): readonly FastPathEffect[] {
    if (this.#stopped) return nothing;
    return [
      ...this.#fromProbes(this.#probes.tick(nowMs), nowMs),
      ...this.#fromMonitor(this.#monitor.tick(nowMs), nowMs),
      ...this.#fromSupervisor(this.#supervisor.tick(nowMs), nowMs),
      ...this.#fromAnnouncer(this.#announcer.tick(nowMs)),
      ...this.#fromKeeper(this.#keeper.tick(nowMs), nowMs),
      ...this.#flows.tick(nowMs),
    ];
  }

  deadline(): Deadline | undefined {
    if (this.#stopped) return undefined;
    let first = this.#probes.deadline();
    const cores = [this.#monitor, this.#supervisor, this.#announcer, this.#keeper, this.#flows];
    for (const core of cores) {
      first = earlier(first, core.deadline());
    }
    return first;
  }

  snapshot(nowMs: number): FastPathSnapshot {
    return fastPathSnapshot(nowMs, {
      uplinks: this.#monitor.snapshot(),
      supervisor: this.#supervisor.snapshot(nowMs),
      sessionOf: (tunnel) => this.#probes.sessionSnapshot(tunnel, nowMs),
      qualityOf: (tunnel) => this.#probes.qualitySnapshot(tunnel, nowMs),
      flows: this.#flows.snapshot(nowMs),
      routes: this.#keeper.snapshot(),
    });
  }

  /** The keeper first, so that an activation that follows from the plan meets the plan's own tunnels. */
  #hearPlan(plan: FastPathPlan, nowMs: number): readonly FastPathEffect[] {
    this.#role = plan.role;
    this.#probes.planned(plan);
    const planned = this.#toMonitor({ type: 'uplinksPlanned', uplinks: plan.uplinks }, nowMs);
    const event = { type: 'planReceived', plan } as const;
    const kept = this.#keeper.handle(event, nowMs);
    const supervised = this.#supervisor.handle(event, nowMs);
    return [
      ...this.#flows.handle(event, nowMs),
      ...planned,
      ...this.#fromKeeper(kept, nowMs),
      ...this.#fromSupervisor(supervised, nowMs),
    ];
  }

  #hearKernel(events: readonly KernelEvent[], nowMs: number): readonly FastPathEffect[] {
    const event = { type: 'kernelChanged', events } as const;
    this.#probes.kernelChanged(events);
    return [
      ...resynced(events),
      ...this.#fromKeeper(this.#keeper.handle(event, nowMs), nowMs),
      ...this.#toMonitor(event, nowMs),
      ...this.#toSupervisor(event, nowMs),
      ...this.#flows.handle(event, nowMs),
    ];
  }

  #hearProbe(
    tunnel: TunnelId,
    port: number,
    bytes: Uint8Array,
    nowMs: number,
  ): readonly FastPathEffect[] {
    const heard = this.#fromProbes(this.#probes.hear(tunnel, port, bytes, nowMs), nowMs);
    if (port !== PATH_PORT) return heard;
    const event = { type: 'packetArrived', tunnel, bytes } as const;
    return this.#role === 'hub'
      ? this.#fromListener(this.#listener.hear(tunnel, bytes), nowMs)
      : this.#fromAnnouncer(this.#announcer.handle(event, nowMs));
  }

  #hearLateness(lateMs: number, nowMs: number): readonly FastPathEffect[] {
    const note: Note = { code: 'wokeLate', level: 'warning', lateMs };
    return [noted(note), ...this.#fromProbes(this.#probes.wokeLate(lateMs, nowMs), nowMs)];
  }

  /** The far ends hear a farewell; tunnels and routes stay as they are (fail static). */
  #stop(nowMs: number): readonly FastPathEffect[] {
    const effects = this.#probes.tunnels.flatMap((tunnel) =>
      this.#fromProbes(this.#probes.stop(tunnel, nowMs), nowMs),
    );
    this.#stopped = true;
    return effects;
  }

  #toMonitor(event: UplinkEvent, nowMs: number): readonly FastPathEffect[] {
    return this.#fromMonitor(this.#monitor.handle(event, nowMs), nowMs);
  }

  #toSession(tunnel: TunnelId, event: LivenessEvent, nowMs: number): readonly FastPathEffect[] {
    return this.#fromProbes(this.#probes.toSession(tunnel, event, nowMs), nowMs);
  }

  #toSupervisor(event: SupervisorEvent, nowMs: number): readonly FastPathEffect[] {
    return this.#fromSupervisor(this.#supervisor.handle(event, nowMs), nowMs);
  }

  #fromMonitor(effects: readonly UplinkEffect[], nowMs: number): readonly FastPathEffect[] {
    return effects.flatMap((effect) => {
      if (effect.type === 'note') return [noted(effect.note)];
      return [
        ...this.#fromProbes(this.#probes.uplinkChanged(effect, nowMs), nowMs),
        ...this.#toSupervisor(effect, nowMs),
        ...this.#flows.judged(effect, nowMs),
        told({ ...effect, atMs: nowMs }),
      ];
    });
  }

  /** Most of them are packets of liveness, which pass through as they are. */
  #fromProbes(effects: readonly ProbesEffect[], nowMs: number): readonly FastPathEffect[] {
    if (effects.length === 0) return nothing;
    const out: FastPathEffect[] = [];
    for (const effect of effects) {
      if (effect.type === 'tellSupervisor') out.push(...this.#toSupervisor(effect.event, nowMs));
      else if (effect.type === 'tellKeeper') {
        out.push(...this.#fromKeeper(this.#keeper.handle(effect.event, nowMs), nowMs));
      } else out.push(effect);
    }
    return out;
  }

  #fromSupervisor(effects: readonly SupervisorEffect[], nowMs: number): readonly FastPathEffect[] {
    return effects.flatMap((effect) => {
      switch (effect.type) {
        case 'startSession':
          return this.#fromProbes(this.#probes.start(effect.plan, nowMs), nowMs);
        case 'stopSession':
          return this.#fromProbes(this.#probes.stop(effect.tunnel, nowMs), nowMs);
        case 'retimeSession':
          return this.#toSession(
            effect.plan.id,
            { type: 'timersPlanned', timers: effect.plan.bfd },
            nowMs,
          );
        case 'failSession':
          return this.#toSession(effect.tunnel, { type: 'pathLost' }, nowMs);
        case 'activate':
          // The rules first, so that a flow that stays never leaves its tunnel.
          return [
            ...this.#flows.activated(effect, nowMs),
            ...this.#fromKeeper(this.#keeper.handle(effect, nowMs), nowMs),
          ];
        case 'announcePath': {
          const { address, over } = effect;
          return this.#fromAnnouncer(
            this.#announcer.handle({ type: 'pathChanged', address, over }, nowMs),
          );
        }
        case 'tellTunnelsUp': {
          const { tunnels } = effect;
          return this.#fromAnnouncer(this.#announcer.handle({ type: 'tunnelsUp', tunnels }, nowMs));
        }
        case 'tellControl':
          return [effect, ...this.#flows.told(effect.fact, nowMs)];
        case 'note':
          return [noted(effect.note)];
      }
    });
  }

  #fromKeeper(effects: readonly KeeperEffect[], nowMs: number): readonly FastPathEffect[] {
    return effects.flatMap((effect) => {
      switch (effect.type) {
        case 'performKernel':
          return [effect];
        case 'activated':
        case 'adopted':
          return this.#toSupervisor(effect, nowMs);
        case 'note':
          return [noted(effect.note)];
      }
    });
  }

  #fromAnnouncer(effects: readonly AnnouncerEffect[]): readonly FastPathEffect[] {
    return effects.map((effect) =>
      effect.type === 'note' ? noted(effect.note) : sent(effect.tunnel, PATH_PORT, effect.bytes),
    );
  }

  #fromListener(effects: readonly ListenerEffect[], nowMs: number): readonly FastPathEffect[] {
    return effects.flatMap((effect) =>
      effect.type === 'pathNamed'
        ? this.#toSupervisor(effect, nowMs)
        : [sent(effect.tunnel, PATH_PORT, effect.bytes)],
    );
  }
}
