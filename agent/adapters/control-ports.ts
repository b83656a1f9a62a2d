/**
 * Everything the control wiring reaches the world by, as its driver is given it.
 */
import type { WallClock } from '../../firmware-shim/base/clock.ts';
import type { KernelCounters } from '../../firmware-shim/kernel/kernel-counters.ts';
import type { Kernel } from '../../firmware-shim/ports.ts';
import type { BoardCommand } from '../../firmware-shim/wire/messages.ts';
import type { TunnelEngine } from '../engine-port.ts';
import type { FastPathOrder } from '../model/fast-path.ts';
import type { GatewayNameSnapshot } from '../model/gateway-name.ts';
import type { CrashBook } from '../model/restart.ts';
import type { TimedNote } from '../model/snapshot.ts';
import type { WanClient } from '../model/wan.ts';
import type {
  AccessChannel,
  CommandVerifier,
  EchoProber,
  IdentityPort,
  PathProber,
  Store,
  StoredRecord,
} from '../ports.ts';
import type { SafeModeEffect } from '../state/safe-mode.ts';
import type { OrderedEngine } from './engine/engine-effects.ts';
import type { DeviceHands } from './host/device-work.ts';
import type { DhcpDaemon } from './host/dhcp-daemon.ts';
import type { PacketFilter } from './host/packet-filter.ts';

type StartAnew = Extract<SafeModeEffect, { readonly type: 'startAnew' }>;

export interface ControlPorts {
  /** Undefined while there is no board to hear it. */
  readonly board: { command(command: BoardCommand): number | undefined };
  readonly kernel: Pick<Kernel, 'mirror' | 'perform'> & { counters(): KernelCounters };
  readonly channels: readonly [AccessChannel, AccessChannel];
  /** Undefined while no issuer of commands is pinned. */
  readonly verifyCommand?: CommandVerifier | undefined;
  readonly identity: IdentityPort;
  /** What is behind the names of gateways. */
  readonly finder?: { snapshot(): readonly GatewayNameSnapshot[] };
  readonly hands: Omit<DeviceHands, 'blink' | 'rekey'>;
  readonly engine: OrderedEngine & Pick<TunnelEngine, 'onEvent'>;
  readonly filter: Pick<PacketFilter, 'apply' | 'check' | 'watch'>;
  readonly dhcp: Pick<DhcpDaemon, 'serve' | 'endFormer' | 'onEnded'>;
  readonly store: Store & { loadNow(shelf: string): readonly StoredRecord[] };
  /** Gets addresses for uplinks. */
  readonly wan: { order(clients: readonly WanClient[], nameServers: readonly string[]): void };
  readonly prober: PathProber;
  readonly echoes: EchoProber;
  readonly orderFastPath: (order: FastPathOrder) => void;
  readonly wall: WallClock;
  readonly onNote: (timed: TimedNote) => void;
  readonly onCrashBook: (book: CrashBook) => void;
  /** Safe mode is over: the process shall end well and be started again. */
  readonly onStartAnew: (how: StartAnew) => void;
  /** The wiring has said everything it had to say. */
  readonly onStopped: () => void;
}
