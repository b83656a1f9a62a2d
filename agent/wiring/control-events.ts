/**
 * Everything the control wiring hears and everything it asks for.
 *
 * Whoever drives it (the agent's main program or the simulator) turns its ports' answers into these events and
 * performs these effects in order. Messages from the gateway are read by `readAccessEvent`
 * (`agent/contract/access-intake.ts`) and stored records by `readRestored` (`agent/contract/restored.ts`)
 * before they are handed over, so that the wiring never parses.
 */

import type { HostMetrics } from '../../firmware-shim/host/host-metrics.ts';
import type { ResyncNote } from '../../firmware-shim/kernel/mirror-news.ts';
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import type { KernelChange } from '../../firmware-shim/kernel/types.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import type { BoardCommand } from '../../firmware-shim/wire/messages.ts';
import type { ChannelEffect } from '../access/channel-pair.ts';
import type { RestoredCommand } from '../access/command-memory.ts';
import type { AccessIntake } from '../access/intake.ts';
import type { OutboxEvent } from '../access/outbox-events.ts';
import type { SagDiagnosisReport } from '../diag/check/sag-report.ts';
import type { EngineEvent } from '../engine-port.ts';
import type { AccessChoiceRecord } from '../model/access-point.ts';
import type { IdentityDone, IdentityWork } from '../model/certificate.ts';
import type { LockRecord } from '../model/data-stop.ts';
import type { HashedDocument, Refusal, TrialRecord } from '../model/desired.ts';
import type { DeviceWork } from '../model/device-work.ts';
import type { EngineTunnelStatus } from '../model/engine-status.ts';
import type { FastPathFact, FastPathOrder, TunnelFlaps } from '../model/fast-path.ts';
import type { HaRoleRecord } from '../model/ha.ts';
import type { EchoAnswer, EchoTarget } from '../model/health-check.ts';
import type { DhcpServer } from '../model/lan.ts';
import type { LogLevelRecord } from '../model/log-level.ts';
import type { Note } from '../model/note.ts';
import type { ProbeAnswer, ProbeTarget } from '../model/path-probe.ts';
import type { AgentStart } from '../model/restart.ts';
import type { SagEvent } from '../model/sag-event.ts';
import type { TunnelId, TunnelSpec } from '../model/tunnel.ts';
import type { WanRecord } from '../model/wan.ts';
import type { AccessSlot } from '../ports.ts';
import type { LogLevelEffect } from '../state/log-level-hold.ts';
import type { StepResult } from '../state/reconciler-events.ts';
import type { SafeModeEffect } from '../state/safe-mode.ts';
import type { WanEffect, WanEvent } from '../state/wan/wan-events.ts';

export type { StepResult };

/** What the store held at start, read. Registration and reconciling begin with this event. */
export interface StoreRestored {
  readonly type: 'storeRestored';
  /** Undefined on a device that has never connected. */
  readonly bdSeq: number | undefined;
  /** An access point that a command had chosen. */
  readonly choice?: AccessChoiceRecord;
  /** The document last confirmed. */
  readonly desired: HashedDocument | undefined;
  /** One that has not been. */
  readonly trial?: TrialRecord;
  /** In the order they happened. */
  readonly events: readonly SagEvent[];
  readonly commands: readonly RestoredCommand[];
  /** What ends before it has been forgotten. */
  readonly commandFloorMs?: number;
  /** How the agent starts after the runs before it. */
  readonly start?: AgentStart;
  /** Tunnels that were lost lately, before the restart. */
  readonly lock?: LockRecord;
  readonly logLevel?: LogLevelRecord;
  readonly haRole?: HaRoleRecord;
  readonly flaps?: readonly TunnelFlaps[];
  /** How uplinks get their addresses, where somebody at the box has set it. */
  readonly wan?: WanRecord;
  /** Records that could not be read; they are noted and left behind. */
  readonly refused: readonly { readonly shelf: string; readonly refusal: Refusal }[];
}

/** Who wants to know: each counts its own probes. */
export type ProbeOwner = 'access' | 'end-to-end';

/** What concerns the device's certificate and nobody else. */
export type IdentityEvent =
  | Extract<AccessIntake, { readonly type: 'identityAnswered' }>
  /** Answers `identityWork`, where there is an answer. */
  | IdentityDone;

/** What the sides of the wiring ask for; the second is for another side and never leaves it. */
export type WiredEffect =
  | ControlEffect
  | { readonly type: 'unlockRequested'; readonly requestId: string };

/** Answers `deviceWork`. */
export type DeviceAnswer =
  /** Once each. */
  | {
      readonly type: 'actionAnswered';
      readonly requestId: string;
      readonly ok: boolean;
      readonly code?: string;
      readonly because: string;
      readonly fault?: 'hardware';
    }
  /** Of a diagnosis, before its answer: that it began, and how it ended. */
  | { readonly type: 'diagnosisReported'; readonly report: SagDiagnosisReport };

/** Answers `storeRead`. */
export type EventsRead = Extract<OutboxEvent, { readonly type: 'eventsRead' }>;

export type ControlEvent =
  | DeviceAnswer
  | IdentityDone
  | BoardEvent
  /** Without a slot: of the channel in use. */
  | (AccessIntake & { readonly slot?: AccessSlot })
  | FastPathFact
  | EngineEvent
  | StoreRestored
  | Extract<WanEvent, { readonly type: 'wanAsked' | 'wanTold' }>
  /** Exactly what became different in what is ours or a device's; the first holds the whole present state. */
  | {
      readonly type: 'kernelChanged';
      readonly events: readonly KernelChange[];
      /** After messages were lost. */
      readonly note?: ResyncNote;
    }
  /** Tunnels the engine found from a former run, once at start. */
  | { readonly type: 'tunnelsFound'; readonly tunnels: readonly TunnelId[] }
  /** The engine was missing at start and is there now. */
  | { readonly type: 'tunnelKeyKnown'; readonly publicKey: string }
  /** Answers `initiateTunnel`. */
  | { readonly type: 'tunnelInitiated'; readonly tunnel: TunnelId; readonly result: StepResult }
  /** Answers `readEngines`: every tunnel an engine knows of. */
  | { readonly type: 'enginesRead'; readonly tunnels: readonly EngineTunnelStatus[] }
  /** What `serveDhcp` started has ended by itself. */
  | { readonly type: 'dhcpEnded'; readonly why: string }
  /** Answers each effect with a `stepId`, once. */
  | { readonly type: 'stepAnswered'; readonly stepId: number; readonly result: StepResult }
  /** Answers `storePut`, once each. `storeRemove` is not answered. */
  | {
      readonly type: 'storeAnswered';
      readonly shelf: string;
      readonly key: string;
      readonly ok: boolean;
      /** Such as `ESTORAGE`, when it failed. */
      readonly code?: string;
    }
  | EventsRead
  /** Answers `probePath`, once each. */
  | {
      readonly type: 'pathProbed';
      readonly of: ProbeOwner;
      readonly probeId: number;
      readonly answer: ProbeAnswer;
    }
  /** Answers `sendEcho`, once each. */
  | { readonly type: 'echoAnswered'; readonly probeId: number; readonly answer: EchoAnswer }
  /** Somebody, we too, has changed an nftables table of ours. */
  | { readonly type: 'rulesTouched' }
  /** The host was looked at. */
  | { readonly type: 'hostSampled'; readonly metrics: HostMetrics }
  | { readonly type: 'stopRequested' };

/** What each answers stands with its event. */
export type ProbeEffect = Extract<ControlEffect, { readonly type: 'probePath' | 'sendEcho' }>;

export type ControlEffect =
  | ChannelEffect
  | { readonly type: 'boardCommand'; readonly command: BoardCommand }
  | { readonly type: 'orderFastPath'; readonly order: FastPathOrder }
  | { readonly type: 'ensureTunnel'; readonly stepId: number; readonly spec: TunnelSpec }
  | { readonly type: 'turnIdentity'; readonly stepId: number; readonly spec: TunnelSpec }
  | {
      readonly type: 'serveDhcp';
      readonly stepId: number;
      readonly servers: readonly DhcpServer[];
    }
  | { readonly type: 'applyRules'; readonly stepId: number; readonly rules: string }
  | { readonly type: 'checkRules'; readonly stepId: number }
  | { readonly type: 'moveTunnel'; readonly stepId: number; readonly spec: TunnelSpec }
  | { readonly type: 'removeTunnel'; readonly stepId: number; readonly tunnel: TunnelId }
  | { readonly type: 'initiateTunnel'; readonly tunnel: TunnelId; readonly waitMs: number }
  | { readonly type: 'readEngines' }
  | {
      readonly type: 'performKernel';
      readonly stepId: number;
      readonly operation: KernelOperation;
    }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | {
      readonly type: 'probePath';
      readonly of: ProbeOwner;
      readonly probeId: number;
      readonly target: ProbeTarget;
    }
  | { readonly type: 'sendEcho'; readonly probeId: number; readonly target: EchoTarget }
  /** Of the shelf of events; answered with `eventsRead`, once each. */
  | { readonly type: 'storeRead'; readonly shelf: string; readonly keys: readonly string[] }
  | { readonly type: 'storeRemove'; readonly shelf: string; readonly keys: readonly string[] }
  | { readonly type: 'deviceWork'; readonly requestId: string; readonly work: DeviceWork }
  | { readonly type: 'identityWork'; readonly work: IdentityWork }
  | LogLevelEffect
  | Exclude<SafeModeEffect, { readonly type: 'progressed' }>
  | Extract<WanEffect, { readonly type: 'wanAnswered' | 'orderWan' }>
  | { readonly type: 'noted'; readonly note: Note }
  /** Everything that had to be said has been said: the process may end. */
  | { readonly type: 'stopped' };
