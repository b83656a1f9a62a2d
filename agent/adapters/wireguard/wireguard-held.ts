/**
 * The tunnels that were ensured in this run, and what is known of each besides what `wg` knows.
 */
import type { TunnelId, TunnelSpec } from '../../model/tunnel.ts';
import { EngineRefused } from '../../ports.ts';
import type { EngineDaemon } from '../engine/engine-daemon.ts';
import { type EngineRevival, tunnelRevival } from '../engine/engine-revival.ts';
import type { EngineVoice } from '../engine/engine-voice.ts';
import { PeerFollower } from './wireguard-follower.ts';
import type { WireGuardTool } from './wireguard-tool.ts';

export interface Held {
  spec: TunnelSpec;
  /** Ours; absent in the kernel, and for a daemon of a former run. */
  daemon: EngineDaemon | undefined;
  readonly revival: EngineRevival;
  readonly follower: PeerFollower;
  /** For the next look at a daemon of a former run. */
  timer: NodeJS.Timeout | undefined;
}

export class HeldTunnels {
  readonly #voice: EngineVoice;
  readonly #tool: WireGuardTool;
  readonly #again: (id: TunnelId) => Promise<void>;
  readonly #held = new Map<TunnelId, Held>();

  constructor(voice: EngineVoice, tool: WireGuardTool, again: (id: TunnelId) => Promise<void>) {
    this.#voice = voice;
    this.#tool = tool;
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
      held.spec = spec;
      return held;
    }
    const revival = tunnelRevival(spec.id, this.#voice, async () => this.#again(spec.id));
    const follower = new PeerFollower(this.#tool);
    const fresh: Held = { spec, daemon: undefined, revival, follower, timer: undefined };
    this.#held.set(spec.id, fresh);
    return fresh;
  }

  /** Its daemon, if it has one, is left as it is. */
  letGo(id: TunnelId): Held | undefined {
    const held = this.#held.get(id);
    clearTimeout(held?.timer);
    held?.revival.cancel();
    held?.follower.stop();
    this.#held.delete(id);
    return held;
  }

  ids(): readonly TunnelId[] {
    return [...this.#held.keys()];
  }
}
