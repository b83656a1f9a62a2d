/**
 * What a story needs of an engine: two tunnels between the ends of a lab, and to know when their keys have changed.
 */

import type { EngineCapabilities } from '../../../agent/engine-port.ts';
import type { EngineTunnelStatus } from '../../../agent/model/engine-status.ts';
import type { EngineKind } from '../../../agent/model/tunnel.ts';
import type { GuestEnd } from './guest-end.ts';

export interface GuestTunnels {
  readonly kind: EngineKind;
  /** As `ip -d link` names it. */
  readonly deviceKind: string;
  /** An nft match for the engine's packets on an uplink. */
  readonly sealed: readonly string[];
  /** What the branch's engine found this kernel can do. */
  capabilities(): EngineCapabilities;
  /** What the branch's engine tells of its tunnels, asked for all at once. */
  list(): Promise<readonly EngineTunnelStatus[]>;
  deviceName(end: GuestEnd, index: number): string;
  /** Changes whenever the tunnel has new session keys. */
  keysOf(index: number): Promise<string>;
  /** How many packets behind the newest the kernel still takes, of each of its security associations. */
  replayWindows(): readonly number[];
  /** Asks the engine for new keys, where one can; others change them in their own time. */
  rekey(index: number): Promise<void>;
  close(): Promise<void>;
}
