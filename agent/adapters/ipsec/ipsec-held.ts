/**
 * The tunnels that were ensured in this run, and what is known of each besides what charon knows.
 */
import type { TunnelId, TunnelSpec } from '../../model/tunnel.ts';
import { EngineRefused } from '../../ports.ts';
import { type EngineRevival, tunnelRevival } from '../engine/engine-revival.ts';
import type { EngineVoice } from '../engine/engine-voice.ts';
import { IpsecTunnel } from './ipsec-tunnel.ts';

export interface Held {
  readonly tunnel: IpsecTunnel;
  readonly revival: EngineRevival;
  /** Fingerprint of what charon was told. */
  loaded: string | undefined;
  lostAtMs: number | undefined;
  wasUp: boolean;
}

export class HeldTunnels {
  readonly #voice: EngineVoice;
  readonly #again: (id: TunnelId) => Promise<void>;
  readonly #held = new Map<TunnelId, Held>();

  constructor(voice: EngineVoice, again: (id: TunnelId) => Promise<void>) {
    this.#voice = voice;
    this.#again = again;
  }

  get(id: TunnelId): Held | undefined {
    return this.#held.get(id);
  }

  known(id: TunnelId): Held {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    throw new EngineRefused('EENGINE_UNKNOWN', `${id} was never ensured`);
  }

  hold(spec: TunnelSpec): Held {
    const held = this.#held.get(spec.id);
    if (held !== undefined) {
      held.tunnel.spec = spec;
      return held;
    }
    const revival = tunnelRevival(spec.id, this.#voice, async () => this.#again(spec.id));
    const tunnel = new IpsecTunnel(spec);
    const fresh = { tunnel, revival, loaded: undefined, lostAtMs: undefined, wasUp: false };
    this.#held.set(spec.id, fresh);
    return fresh;
  }

  letGo(id: TunnelId): void {
    const held = this.#held.get(id);
    held?.revival.cancel();
    held?.tunnel.forget();
    this.#held.delete(id);
  }

  /** Answers with the ids of what was let go. */
  letAllGo(): readonly TunnelId[] {
    const ids = [...this.#held.keys()];
    for (const id of ids) this.letGo(id);
    return ids;
  }
}
