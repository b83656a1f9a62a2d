/**
 * Looks after the tunnels an engine has made: calls the far end again while a session stays Down though its device
 * stands, and reads the engines' own figures now and then.
 *
 * A call never decides anything: it only shortens the time until BFD may say that a tunnel is usable. A tunnel whose
 * uplink is down is left alone, and called the moment the uplink is back.
 */
import { Backoff } from '../../firmware-shim/base/backoff.ts';
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { EngineTunnelStatus } from '../model/engine-status.ts';
import type { EngineNote } from '../model/notes/engine-note.ts';
import type { TunnelId, TunnelPlan, TunnelState } from '../model/tunnel.ts';
import type { UplinkId } from '../model/uplink.ts';

export type CareEvent =
  | { readonly type: 'planned'; readonly tunnels: readonly CaredTunnel[] }
  | { readonly type: 'tunnelStateChanged'; readonly tunnel: TunnelId; readonly to: TunnelState }
  | { readonly type: 'uplinkChanged'; readonly uplink: UplinkId; readonly isUp: boolean }
  | {
      readonly type: 'tunnelInitiated';
      readonly tunnel: TunnelId;
      /** Absent: the ends have shaken hands. */
      readonly because?: string;
    }
  | { readonly type: 'enginesRead'; readonly tunnels: readonly EngineTunnelStatus[] };

export type CareEffect =
  | { readonly type: 'initiateTunnel'; readonly tunnel: TunnelId; readonly waitMs: number }
  | { readonly type: 'readEngines' }
  | { readonly type: 'trafficSeen'; readonly tunnel: TunnelId }
  | { readonly type: 'noted'; readonly note: EngineNote };

export type CaredTunnel = Pick<TunnelPlan, 'id' | 'uplink' | 'bfd' | 'bfdWhileBusy'>;

/** An engine calls by itself first, and repeats its call after 1 s and 2.4 s. */
const FIRST_CALL_MS = 5_000;
const CALL = { floorMs: 2_000, baseMs: 4_000, ceilingMs: 60_000 };
/** A far end that has not answered two calls by now will not answer this one. */
const CALL_WAIT_MS = 3_000;
/** Often enough for somebody who looks, and next to nothing. */
const READ_MS = 10_000;
/** Its first figures, with those of others that come up at the same time. */
const READ_AFTER_UP_MS = 500;
/** A busy tunnel must be seen within the 3 s after which it counts as quiet. */
const READ_METERED_MS = 2_000;
/** Outer packet of a probe at most; BFD and the quality probes each bring one an interval. */
const PROBE_BYTES_MAX = 200;
const PROBE_KINDS = 2;
/** Two packets of full size: what the MTU search may add. */
const SEARCH_BYTES = 3_000;

interface Cared {
  tunnel: CaredTunnel;
  state: TunnelState;
  readonly backoff: Backoff;
  callAtMs: number | undefined;
  isCalling: boolean;
  rx: { readonly bytes: number; readonly atMs: number } | undefined;
}

type Effects = readonly CareEffect[];

export class TunnelCare implements Core<CareEvent, CareEffect> {
  readonly #random: Random;
  readonly #timers = new Timers<'read'>();
  readonly #cared = new Map<TunnelId, Cared>();
  readonly #downUplinks = new Set<UplinkId>();

  constructor(random: Random) {
    this.#random = random;
  }

  handle(event: CareEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'planned':
        return this.#plan(event.tunnels, nowMs);
      case 'tunnelStateChanged':
        return this.#turn(event.tunnel, event.to, nowMs);
      case 'uplinkChanged':
        return this.#uplinkTurned(event.uplink, event.isUp, nowMs);
      case 'tunnelInitiated':
        return this.#called(event.tunnel, event.because, nowMs);
      case 'enginesRead':
        return event.tunnels.flatMap((status) => this.#read(status, nowMs));
    }
  }

  tick(nowMs: number): Effects {
    const effects: CareEffect[] = [];
    for (const cared of this.#cared.values()) {
      if (cared.callAtMs === undefined || cared.callAtMs > nowMs) continue;
      cared.callAtMs = undefined;
      if (this.#downUplinks.has(cared.tunnel.uplink)) continue;
      cared.isCalling = true;
      effects.push({ type: 'initiateTunnel', tunnel: cared.tunnel.id, waitMs: CALL_WAIT_MS });
    }
    if (this.#timers.take('read', nowMs)) {
      effects.push({ type: 'readEngines' });
      this.#timers.set('read', nowMs + this.#readMs());
    }
    return effects;
  }

  deadline(): Deadline | undefined {
    let first = this.#timers.deadline();
    for (const { callAtMs: atMs, tunnel } of this.#cared.values()) {
      if (atMs !== undefined) first = earlier(first, { atMs, why: `call ${tunnel.id}` });
    }
    return first;
  }

  stateOf(tunnel: TunnelId): TunnelState | undefined {
    return this.#cared.get(tunnel)?.state;
  }

  /** As it is planned; 0 for a tunnel that is not. */
  detectMsOf(tunnel: TunnelId): number {
    const { bfd, bfdWhileBusy = bfd } = this.#cared.get(tunnel)?.tunnel ?? {};
    return bfdWhileBusy === undefined ? 0 : bfdWhileBusy.requiredMinRxMs * bfdWhileBusy.detectMult;
  }

  #plan(tunnels: readonly CaredTunnel[], nowMs: number): Effects {
    for (const id of this.#cared.keys()) {
      if (!tunnels.some((tunnel) => tunnel.id === id)) this.#cared.delete(id);
    }
    for (const tunnel of tunnels) {
      const known = this.#cared.get(tunnel.id);
      if (known === undefined) this.#cared.set(tunnel.id, this.#fresh(tunnel));
      else known.tunnel = tunnel;
    }
    if (this.#cared.size === 0) this.#timers.clear('read');
    else this.#timers.set('read', nowMs);
    return nothing;
  }

  #fresh(tunnel: CaredTunnel): Cared {
    const backoff = new Backoff(CALL, this.#random);
    const idle = { callAtMs: undefined, isCalling: false, rx: undefined };
    return { tunnel, state: 'absent', backoff, ...idle };
  }

  #turn(id: TunnelId, to: TunnelState, nowMs: number): Effects {
    const cared = this.#cared.get(id);
    if (cared === undefined || cared.state === to) return nothing;
    cared.state = to;
    if (isSilent(to)) {
      // One that is lost a moment after it came up is not called at once again.
      cared.callAtMs ??= nowMs + FIRST_CALL_MS;
      return nothing;
    }
    cared.callAtMs = undefined;
    if (to === 'up') {
      cared.backoff.reset();
      this.#timers.set('read', nowMs + READ_AFTER_UP_MS);
    }
    return nothing;
  }

  #uplinkTurned(uplink: UplinkId, isUp: boolean, nowMs: number): Effects {
    const wasDown = this.#downUplinks.has(uplink);
    if (!isUp) {
      this.#downUplinks.add(uplink);
      return nothing;
    }
    this.#downUplinks.delete(uplink);
    if (!wasDown) return nothing;
    for (const cared of this.#cared.values()) {
      if (cared.tunnel.uplink !== uplink || !isSilent(cared.state) || cared.isCalling) continue;
      cared.backoff.reset();
      cared.callAtMs = nowMs + CALL.floorMs;
    }
    return nothing;
  }

  #called(id: TunnelId, because: string | undefined, nowMs: number): Effects {
    const cared = this.#cared.get(id);
    if (cared === undefined) return nothing;
    cared.isCalling = false;
    if (!isSilent(cared.state)) return nothing;
    const retryInMs = cared.backoff.nextDelayMs();
    cared.callAtMs = nowMs + retryInMs;
    const about = { tunnel: id, retryInMs, ...(because === undefined ? {} : { because }) };
    return [{ type: 'noted', note: { code: 'engineCalled', level: 'info', ...about } }];
  }

  /** More came out of the tunnel than its probes can have brought: then traffic proves it alive. */
  #read({ id, rxBytes }: EngineTunnelStatus, nowMs: number): Effects {
    const cared = this.#cared.get(id);
    if (cared === undefined) return nothing;
    const before = cared.rx;
    cared.rx = { bytes: rxBytes, atMs: nowMs };
    if (before === undefined || cared.tunnel.bfdWhileBusy === undefined) return nothing;
    const { desiredMinTxMs, requiredMinRxMs } = cared.tunnel.bfd;
    const probes = (nowMs - before.atMs) / Math.min(desiredMinTxMs, requiredMinRxMs);
    const explained = SEARCH_BYTES + probes * PROBE_KINDS * PROBE_BYTES_MAX;
    return rxBytes - before.bytes > explained ? [{ type: 'trafficSeen', tunnel: id }] : nothing;
  }

  #readMs(): number {
    const isMetered = [...this.#cared.values()].some(
      ({ tunnel }) => tunnel.bfdWhileBusy !== undefined,
    );
    return isMetered ? READ_METERED_MS : READ_MS;
  }
}

/** The device stands and nothing usable comes out of it. */
function isSilent(state: TunnelState): boolean {
  return state === 'establishing' || state === 'down';
}
