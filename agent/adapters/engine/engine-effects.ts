/**
 * Performs what the control wiring asks of the tunnel engines, and posts what came of it.
 */
import { type Rekeyed, rekeyAnswer, rekeyObjection } from '../../engine/rekey-answer.ts';
import type { TunnelEngine } from '../../engine-port.ts';
import type { IdentityStand } from '../../model/identity-result.ts';
import type { TunnelId, TunnelState } from '../../model/tunnel.ts';
import type { ControlEffect, ControlEvent } from '../../wiring/control-events.ts';
import { resultOf } from '../port-result.ts';
import { within } from '../within.ts';
import { endpointsOf } from './engine-spec.ts';
import { proofMsFor, turnIdentity } from './identity-turn.ts';

export type EngineEffect = Extract<
  ControlEffect,
  {
    readonly type:
      | 'ensureTunnel'
      | 'moveTunnel'
      | 'turnIdentity'
      | 'removeTunnel'
      | 'initiateTunnel'
      | 'readEngines';
  }
>;

export type OrderedEngine = Pick<
  TunnelEngine,
  | 'ensure'
  | 'initiate'
  | 'list'
  | 'rekeyNow'
  | 'remove'
  | 'rotateIdentity'
  | 'setEndpoint'
  | 'status'
>;

export interface EngineOrders {
  readonly engine: OrderedEngine;
  readonly post: (event: ControlEvent) => void;
  /** How the session in a tunnel is, and how soon it notices silence. */
  readonly sessions: {
    stateOf(tunnel: TunnelId): TunnelState | undefined;
    detectMsOf(tunnel: TunnelId): number;
  };
}

/** An IKE exchange takes milliseconds, a WireGuard handshake a round trip. */
const REKEY_WAIT_MS = 4_000;

/** Never rejects. */
export async function rekeyTunnel(
  engine: Pick<OrderedEngine, 'rekeyNow'>,
  tunnel: TunnelId,
  state: TunnelState | undefined,
): Promise<Rekeyed> {
  const objection = rekeyObjection(tunnel, state);
  if (objection !== undefined) return objection;
  const text = 'the far end has not agreed in time';
  const late = { ok: false, code: 'EENGINE_REKEY', text } as const;
  const result = await within(resultOf(engine.rekeyNow(tunnel)), REKEY_WAIT_MS, late);
  return rekeyAnswer(tunnel, result.ok ? undefined : result);
}

export function performEngineEffect(effect: EngineEffect, orders: EngineOrders): void {
  const { engine, post } = orders;
  switch (effect.type) {
    case 'readEngines':
      // An engine that cannot say has its figures missing.
      void engine.list().then(
        (tunnels) => post({ type: 'enginesRead', tunnels }),
        () => undefined,
      );
      return;
    case 'initiateTunnel': {
      const { tunnel, waitMs } = effect;
      void resultOf(engine.initiate(tunnel, waitMs)).then((result) =>
        post({ type: 'tunnelInitiated', tunnel, result }),
      );
      return;
    }
    default: {
      const { stepId } = effect;
      void resultOf(stepOf(effect, orders)).then((result) =>
        post({ type: 'stepAnswered', stepId, result }),
      );
    }
  }
}

async function stepOf(
  effect: Extract<EngineEffect, { readonly stepId: number }>,
  { engine, sessions }: EngineOrders,
): Promise<IdentityStand | void> {
  switch (effect.type) {
    case 'ensureTunnel':
      return engine.ensure(effect.spec);
    case 'moveTunnel':
      return engine.setEndpoint(effect.spec.id, endpointsOf(effect.spec));
    case 'turnIdentity': {
      const { spec } = effect;
      const isUp = (): boolean => sessions.stateOf(spec.id) === 'up';
      return turnIdentity(engine, spec, isUp, proofMsFor(sessions.detectMsOf(spec.id)));
    }
    case 'removeTunnel':
      return engine.remove(effect.tunnel);
  }
}
