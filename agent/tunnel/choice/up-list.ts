/**
 * The tunnels that are Up, the active one first, and whether that is news to the announcer.
 */
import { nothing } from '../../../firmware-shim/base/core.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { SupervisorEffect } from '../supervisor-events.ts';
import type { TunnelWatch } from '../tunnel-watch.ts';

export class UpList {
  #told = '';

  /** Marks the list as told. */
  tell(watches: readonly TunnelWatch[], active: TunnelId | undefined): readonly TunnelId[] {
    const up = watches.filter((watch) => watch.state === 'up').map((watch) => watch.plan.id);
    const tunnels = up.sort((a, b) => Number(b === active) - Number(a === active));
    this.#told = tunnels.join(' ');
    return tunnels;
  }

  news(watches: readonly TunnelWatch[], active: TunnelId | undefined): readonly SupervisorEffect[] {
    const before = this.#told;
    const tunnels = this.tell(watches, active);
    return this.#told === before ? nothing : [{ type: 'tellTunnelsUp', tunnels }];
  }
}
