/**
 * The engines' part of the control wiring: what care is taken of their tunnels, and what they said last.
 */

import type { WallClock } from '../../firmware-shim/base/clock.ts';
import type { Deadline } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import { type CareEffect, type CareEvent, TunnelCare } from '../engine/tunnel-care.ts';
import type { EngineTunnelStatus } from '../model/engine-status.ts';
import type { FastPathFact, FastPathPlan } from '../model/fast-path.ts';
import type { EngineFigures } from '../model/snapshot.ts';
import type { TunnelId, TunnelState } from '../model/tunnel.ts';
import type { ControlEffect, ControlEvent } from './control-events.ts';

type Effects = readonly ControlEffect[];
export type EngineAnswer = Extract<
  ControlEvent,
  { readonly type: 'tunnelInitiated' | 'enginesRead' }
>;

export class EngineSide {
  readonly #care: TunnelCare;
  readonly #wall: WallClock;
  #figures: ReadonlyMap<TunnelId, EngineFigures> = new Map();

  constructor(random: Random, wall: WallClock) {
    this.#care = new TunnelCare(random);
    this.#wall = wall;
  }

  /** What the engines said of each tunnel, and when. */
  get figures(): ReadonlyMap<TunnelId, EngineFigures> {
    return this.#figures;
  }

  /** Undefined where no plan has such a tunnel. */
  stateOf(tunnel: TunnelId): TunnelState | undefined {
    return this.#care.stateOf(tunnel);
  }

  detectMsOf(tunnel: TunnelId): number {
    return this.#care.detectMsOf(tunnel);
  }

  tick(nowMs: number): Effects {
    return fromCare(this.#care.tick(nowMs));
  }

  deadline(): Deadline | undefined {
    return this.#care.deadline();
  }

  planSent({ tunnels }: FastPathPlan, nowMs: number): Effects {
    return this.#tell({ type: 'planned', tunnels }, nowMs);
  }

  fact(fact: FastPathFact, nowMs: number): Effects {
    switch (fact.type) {
      case 'tunnelStateChanged':
        return this.#tell(fact, nowMs);
      case 'uplinkChanged': {
        const { uplink, verdict } = fact;
        return this.#tell({ type: 'uplinkChanged', uplink, isUp: verdict.state === 'up' }, nowMs);
      }
      default:
        return [];
    }
  }

  answered(event: EngineAnswer, nowMs: number): Effects {
    if (event.type === 'enginesRead') {
      const wallMs = this.#wall.wallMs();
      this.#figures = new Map(
        event.tunnels.map((status) => [status.id, figuresOf(status, nowMs, wallMs)]),
      );
      return this.#tell(event, nowMs);
    }
    const { tunnel, result } = event;
    const because = result.ok ? {} : { because: `${result.code}: ${result.text}` };
    return this.#tell({ type: 'tunnelInitiated', tunnel, ...because }, nowMs);
  }

  #tell(event: CareEvent, nowMs: number): Effects {
    return fromCare(this.#care.handle(event, nowMs));
  }
}

function fromCare(effects: readonly CareEffect[]): Effects {
  return effects.map((effect): ControlEffect => {
    if (effect.type !== 'trafficSeen') return effect;
    return { type: 'orderFastPath', order: effect };
  });
}

function figuresOf(status: EngineTunnelStatus, nowMs: number, wallMs: number): EngineFigures {
  const { kind, rxBytes, txBytes, endpoint, lastHandshakeWallMs, security } = status;
  return {
    kind,
    readAtMs: nowMs,
    rxBytes,
    txBytes,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(lastHandshakeWallMs === undefined
      ? {}
      : { handshakeAgeMs: Math.max(0, wallMs - lastHandshakeWallMs) }),
    ...(security === undefined ? {} : { security }),
  };
}
