/**
 * The tunnels an engine was asked for in this run: how one is known, held, revived and let go.
 *
 * What is known of a tunnel besides its specification is the engine's own affair.
 */
import { EngineRefused } from '../../engine-port.ts';
import type { TunnelId, TunnelSpec } from '../../model/tunnel.ts';
import { EngineRevival } from './engine-revival.ts';
import type { EngineVoice } from './engine-voice.ts';

export interface HeldTunnel {
  spec: TunnelSpec;
  /** Nothing of it happens by itself any more; what carries traffic is left as it is. */
  forget(): void;
}

interface Held<Tunnel> {
  readonly tunnel: Tunnel;
  readonly revival: EngineRevival;
}

export class HeldTunnels<Tunnel extends HeldTunnel> {
  readonly #voice: EngineVoice;
  readonly #make: (spec: TunnelSpec) => Tunnel;
  readonly #again: (tunnel: Tunnel) => Promise<void>;
  readonly #held = new Map<TunnelId, Held<Tunnel>>();

  /** `again` rejects when it did not come back; then it is tried again. */
  constructor(
    voice: EngineVoice,
    make: (spec: TunnelSpec) => Tunnel,
    again: (tunnel: Tunnel) => Promise<void>,
  ) {
    this.#voice = voice;
    this.#make = make;
    this.#again = again;
  }

  get(id: TunnelId): Tunnel | undefined {
    return this.#held.get(id)?.tunnel;
  }

  known(id: TunnelId): Tunnel {
    const tunnel = this.get(id);
    if (tunnel !== undefined) return tunnel;
    throw new EngineRefused('EENGINE_UNKNOWN', `${id} was never ensured`);
  }

  /** False for one that was let go while something of it was under way, also when its name came back. */
  has(tunnel: Tunnel): boolean {
    return this.get(tunnel.spec.id) === tunnel;
  }

  /** Whoever holds it sees to it: a revival that was planned is not needed. */
  hold(spec: TunnelSpec): Tunnel {
    const held = this.#held.get(spec.id) ?? this.#begin(spec);
    held.tunnel.spec = spec;
    held.revival.cancel();
    return held.tunnel;
  }

  /** Its daemon lives from now on. */
  born(tunnel: Tunnel): void {
    this.#held.get(tunnel.spec.id)?.revival.born();
  }

  /** Its daemon is gone and is started again, ever more slowly; with it the traffic, if `carried`. */
  lost({ spec: { id } }: Tunnel, why: string, carried: boolean): void {
    if (carried) this.#voice.tell({ type: 'engineLost', tunnel: id, why });
    this.#held.get(id)?.revival.plan(why);
  }

  letGo(id: TunnelId): Tunnel | undefined {
    const held = this.#held.get(id);
    this.#held.delete(id);
    held?.revival.cancel();
    held?.tunnel.forget();
    return held?.tunnel;
  }

  letAllGo(): readonly Tunnel[] {
    return [...this.#held.keys()].flatMap((id) => this.letGo(id) ?? []);
  }

  #begin(spec: TunnelSpec): Held<Tunnel> {
    const tunnel = this.#make(spec);
    const revival = new EngineRevival({
      again: async () => this.#again(tunnel),
      onPlanned: (because, retryInMs) => {
        const about = { tunnel: spec.id, because, retryInMs };
        this.#voice.note({ code: 'engineDaemonLost', level: 'warning', ...about });
      },
    });
    const held = { tunnel, revival };
    this.#held.set(spec.id, held);
    return held;
  }
}
