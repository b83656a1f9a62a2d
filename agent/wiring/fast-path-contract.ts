/**
 * What the fast path hears and what it asks for: the border between `FastPathWiring` and whoever drives it,
 * be it the worker thread or the simulated world.
 *
 * Promises of the driver: effects are performed in order; every `performKernel` is answered by one
 * `kernelAnswered` with the same ticket, in the order of the tickets; the first `kernelChanged` holds the
 * whole present state; an `openProbe` opens every port it names and each datagram that passed the GTSM
 * filter becomes a `probeArrived`. The driver alone knows how it is scheduled and what its sockets to the kernel
 * have been through: it tells `fastPathReady` itself and adds `netlink` to `snapshotTaken`.
 */
import type { KernelOperation, KernelResult } from '../../firmware-shim/kernel/operations.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { FastPathFact, FastPathOrder } from '../model/fast-path.ts';
import type { FlowCount } from '../model/flow-mark.ts';
import type { TunnelId } from '../model/tunnel.ts';
import { STAMP_PORT } from '../tunnel/quality/stamp-packet.ts';

export type FastPathEvent =
  | FastPathOrder
  | { readonly type: 'kernelChanged'; readonly events: readonly KernelEvent[] }
  | {
      readonly type: 'kernelAnswered';
      readonly ticket: number;
      readonly result: KernelResult;
      /** When the driver handed the operation to the kernel, where it knows; splits deciding from installing. */
      readonly sentAtMs?: number;
    }
  | {
      readonly type: 'probeArrived';
      readonly tunnel: TunnelId;
      readonly port: number;
      readonly bytes: Uint8Array;
    }
  /** The probe sockets of a tunnel could not be opened or broke; they are closed now. */
  | { readonly type: 'probeFailed'; readonly tunnel: TunnelId; readonly code: string }
  /** Answers `countFlows`; undefined where the kernel does not tell. */
  | { readonly type: 'flowsCounted'; readonly flows: readonly FlowCount[] | undefined }
  /** The driver itself was asleep: silence of the peers during that time proves nothing. */
  | { readonly type: 'wokeLate'; readonly lateMs: number };

export type FastPathEffect =
  | { readonly type: 'tellControl'; readonly fact: FastPathFact }
  | {
      readonly type: 'performKernel';
      readonly ticket: number;
      readonly operation: KernelOperation;
    }
  /** How many flows of each mark of ours are alive: asked of the kernel by whoever has time for it. */
  | { readonly type: 'countFlows' }
  | { readonly type: 'openProbe'; readonly tunnel: TunnelId; readonly options: ProbeOpening }
  | { readonly type: 'closeProbe'; readonly tunnel: TunnelId }
  | {
      readonly type: 'sendProbe';
      readonly tunnel: TunnelId;
      readonly port: number;
      readonly bytes: Uint8Array;
    };

/** Where the sockets of one tunnel live: inside it, between its two inner addresses. */
export interface ProbeOpening {
  readonly deviceName: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Bound and destination ports, see `PROBE_PORTS`. */
  readonly ports: readonly number[];
}

/** BFD single hop (RFC 5881 section 4), our path announcement (docs/PATH-ANNOUNCEMENT.md), STAMP (RFC 8762). */
export const BFD_PORT = 3784;
export const PATH_PORT = 3786;
export const PROBE_PORTS: readonly number[] = [BFD_PORT, PATH_PORT, STAMP_PORT];
