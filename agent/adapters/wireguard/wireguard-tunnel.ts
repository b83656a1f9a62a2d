/**
 * One WireGuard tunnel of this run: its daemon, where it has one, and whatever looks after it.
 */
import type { TunnelSpec } from '../../model/tunnel.ts';
import type { EngineDaemon } from '../engine/engine-daemon.ts';
import type { HeldTunnel } from '../engine/held-tunnels.ts';
import { PeerFollower } from './wireguard-follower.ts';
import type { WireGuardTool } from './wireguard-tool.ts';

/** A device we adopted belongs to no child of ours, so its absence is looked for. */
const ADOPTED_LOOK_MS = 1_000;

export class WireGuardTunnel implements HeldTunnel {
  spec: TunnelSpec;
  /** Ours; absent in the kernel, and for a daemon of a former run. */
  daemon: EngineDaemon | undefined;
  readonly follower: PeerFollower;
  #timer: NodeJS.Timeout | undefined;

  constructor(spec: TunnelSpec, tool: WireGuardTool) {
    this.spec = spec;
    this.follower = new PeerFollower(tool);
  }

  /** The next look at a daemon of a former run. */
  lookLater(look: () => void): void {
    this.lookNoMore();
    this.#timer = setTimeout(look, ADOPTED_LOOK_MS).unref();
  }

  lookNoMore(): void {
    clearTimeout(this.#timer);
  }

  forget(): void {
    this.lookNoMore();
    this.follower.stop();
  }
}
