/**
 * Who hears what between the two cores of the desired state: commit-confirm, which decides what is in force, and the
 * reconciler, which leads there.
 */
import type { WallClock } from '../../firmware-shim/base/clock.ts';
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import { encodeJson } from '../access/encode-json.ts';
import type { Confirm } from '../access/payloads.ts';
import { publishIdOf } from '../access/publish-lane.ts';
import { topicsOf } from '../access/topics.ts';
import type { DesiredAccessPoints } from '../model/access-point.ts';
import type { LockRecord } from '../model/data-stop.ts';
import type { DesiredDocument } from '../model/desired.ts';
import { type FastPathFact, type FastPathPlan, NOTHING_DESIRED } from '../model/fast-path.ts';
import type { HealthCheck } from '../model/health-check.ts';
import type { LogLevelRecord } from '../model/log-level.ts';
import type { AgentStart } from '../model/restart.ts';
import type { DesiredSnapshot } from '../model/snapshot.ts';
import type { WanRecord, WanSnapshot } from '../model/wan.ts';
import type { AccessPublish } from '../ports.ts';
import { CommitConfirm, DESIRED_SHELF } from '../state/commit-confirm.ts';
import type { ConfirmEffect, ConfirmEvent } from '../state/confirm-events.ts';
import { DataLock, type DataLockEffect, type DataLockEvent } from '../state/data-lock.ts';
import { DiskPatience } from '../state/disk-patience.ts';
import { type LogLevelEffect, LogLevelHold } from '../state/log-level-hold.ts';
import { Reconciler } from '../state/reconciler.ts';
import type { ReconcilerEffect, ReconcilerEvent } from '../state/reconciler-events.ts';
import { SafeMode, type SafeModeEffect } from '../state/safe-mode.ts';
import type { WanEffect, WanEvent } from '../state/wan/wan-events.ts';
import { WAN_SHELF } from '../state/wan/wan-record.ts';
import { WanSetup } from '../state/wan/wan-setup.ts';
import type { ControlOptions } from './control-options.ts';
import type { Progress, StoreAnswered } from './gateway-events.ts';

/** What of the store is for this side. */
export const STATE_SHELVES: readonly string[] = [DESIRED_SHELF, WAN_SHELF];

/** What is left for the others to do. */
export type StateEffect =
  | Exclude<ConfirmEffect, { readonly type: 'takenUp' | 'restore' | 'adopt' | 'askConfirmation' }>
  | { readonly type: 'publish'; readonly message: AccessPublish }
  /** Of the document in force, for those who care for them. */
  | { readonly type: 'checksDesired'; readonly checks: readonly HealthCheck[] }
  | { readonly type: 'accessPointsDesired'; readonly accessPoints: DesiredAccessPoints }
  | Exclude<ReconcilerEffect, { readonly type: 'settled' | 'stepRefused' }>
  | SafeModeEffect
  | DataLockEffect
  | LogLevelEffect
  | Exclude<WanEffect, { readonly type: 'wanChanged' }>;
/** What the reconciler hears of commit-confirm stays between the two. */
export type StateEvent =
  | (Exclude<ConfirmEvent, { readonly type: 'storeAnswered' }> & {
      readonly start?: AgentStart | undefined;
      readonly lock?: LockRecord | undefined;
      readonly logLevel?: LogLevelRecord | undefined;
      readonly wan?: WanRecord | undefined;
    })
  | StoreAnswered
  | Extract<WanEvent, { readonly type: 'wanAsked' | 'wanTold' }>
  | Extract<DataLockEvent, { readonly type: 'unlockRequested' }>
  | Exclude<ReconcilerEvent, { readonly type: 'restored' | 'adopted' | 'wanChanged' }>;
type Effects = readonly StateEffect[];

export class StateSide implements Core<StateEvent, StateEffect> {
  readonly #confirm: CommitConfirm;
  readonly #reconciler: Reconciler;
  readonly #safeMode: SafeMode;
  readonly #lock: DataLock;
  readonly #patience = new DiskPatience();
  readonly #logLevel = new LogLevelHold();
  readonly #wall: WallClock;
  readonly #wan: WanSetup;
  readonly #topic: string;
  #questions = 0;

  constructor({ config, bootId, machineBootId, random, inventory, wall }: ControlOptions) {
    this.#wall = wall;
    this.#topic = topicsOf(config.tenant, inventory.serialNumber).confirm;
    this.#confirm = new CommitConfirm(config, bootId);
    this.#reconciler = new Reconciler(config, random);
    this.#safeMode = new SafeMode(inventory.agentVersion);
    this.#lock = new DataLock(machineBootId ?? bootId);
    this.#wan = new WanSetup(config);
  }

  handle(event: StateEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'kernelChanged':
        return [
          ...this.#fromReconciler(this.#reconciler.handle(event, nowMs), nowMs),
          ...this.#toWan(event, nowMs),
        ];
      case 'wanAsked':
      case 'wanTold':
        return this.#toWan(event, nowMs);
      case 'storeAnswered':
        return event.shelf === WAN_SHELF
          ? this.#toWan(event, nowMs)
          : this.#fromConfirm(this.#confirm.handle(event, nowMs), nowMs);
      case 'tunnelsFound':
      case 'dhcpEnded':
      case 'engineLost':
      case 'rulesTouched':
      case 'pathMtuChanged':
      case 'stepAnswered':
        return this.#fromReconciler(this.#reconciler.handle(event, nowMs), nowMs);
      case 'restored':
        this.#logLevel.restored(event.logLevel);
        return [
          ...(event.start === undefined
            ? nothing
            : this.#safeMode.handle({ type: 'started', start: event.start }, nowMs)),
          // Before any plan: what is stopped must not flow for a moment.
          ...this.#lock.handle({ type: 'restored', record: event.lock }, nowMs),
          ...this.#toWan({ type: 'wanRestored', record: event.wan }, nowMs),
          ...this.#fromConfirm(this.#confirm.handle(event, nowMs), nowMs),
        ];
      case 'registrationChanged':
        return [
          ...this.#lock.handle(event, nowMs),
          ...this.#toWan(event, nowMs),
          ...this.#fromConfirm(this.#confirm.handle(event, nowMs), nowMs),
        ];
      case 'unlockRequested':
        return this.#lock.handle(event, nowMs);
      default:
        return this.#fromConfirm(this.#confirm.handle(event, nowMs), nowMs);
    }
  }

  /** What a fact of the fast path says about being connected. */
  fact(fact: FastPathFact, nowMs: number): Effects {
    switch (fact.type) {
      case 'activeTunnelChanged': {
        const carries = fact.change.to !== undefined;
        return this.handle({ type: 'dataChanged', carries }, nowMs);
      }
      case 'uplinkChanged':
        return this.handle(fact, nowMs);
      default:
        return nothing;
    }
  }

  tick(nowMs: number): Effects {
    return [
      ...this.#fromConfirm(this.#confirm.tick(nowMs), nowMs),
      ...this.#fromReconciler(this.#reconciler.tick(nowMs), nowMs),
      ...this.#safeMode.tick(nowMs),
      ...this.#lock.tick(nowMs),
      ...this.#patience
        .tick(nowMs)
        .flatMap((again) => this.#fromConfirm(this.#confirm.handle(again, nowMs), nowMs)),
      ...this.#fromWan(this.#wan.tick(nowMs), nowMs),
    ];
  }

  deadline(): Deadline | undefined {
    const states = earlier(this.#confirm.deadline(), this.#reconciler.deadline());
    const others = [this.#safeMode, this.#lock, this.#patience, this.#wan];
    return others.map((core) => core.deadline()).reduce(earlier, states);
  }

  get wan(): WanSnapshot {
    return this.#wan.snapshot();
  }

  get progress(): Progress {
    const { refused, trial } = this.#confirm.verdict;
    const safe = this.#safeMode.snapshot();
    return {
      revision: this.#reconciler.reachedRevision,
      refused,
      trial: trial?.revision,
      dataStop: this.#lock.stop,
      safeMode: safe && { mode: safe.mode, crashes: safe.crashes, ...safe.setAside },
      rules: this.#reconciler.ruleResults,
      identities: this.#reconciler.identities,
    };
  }

  snapshot(): DesiredSnapshot {
    const safeMode = this.#safeMode.snapshot();
    const { ruleResults: rules } = this.#reconciler;
    return {
      ...this.#reconciler.snapshot(),
      ...this.#confirm.verdict,
      ...(safeMode !== undefined && { safeMode }),
      ...(rules !== undefined && { rules }),
    };
  }

  #fromConfirm(effects: readonly ConfirmEffect[], nowMs: number): Effects {
    if (effects.some(({ type }) => type === 'progressed')) {
      const { refused } = this.#confirm.verdict;
      this.#patience.handle({ type: 'judged', code: refused?.code }, nowMs);
    }
    return effects.flatMap((effect): Effects => {
      switch (effect.type) {
        case 'takenUp':
          this.#patience.handle(effect, nowMs);
          return nothing;
        case 'restore':
        case 'adopt': {
          const type = effect.type === 'adopt' ? 'adopted' : 'restored';
          const { document } = effect;
          const steps = this.#reconciler.handle({ type, document }, nowMs);
          return [
            ...forOthers(document),
            ...this.#logLevel.desired(document?.logLevel, this.#wall.wallMs()),
            ...this.#fromReconciler(steps, nowMs),
          ];
        }
        case 'askConfirmation':
          return [this.#question({ v: 1, revision: effect.revision, nonce: effect.nonce })];
        default:
          return [effect];
      }
    });
  }

  #toWan(event: WanEvent, nowMs: number): Effects {
    return this.#fromWan(this.#wan.handle(event, nowMs), nowMs);
  }

  #fromWan(effects: readonly WanEffect[], nowMs: number): Effects {
    return effects.flatMap(
      (effect): Effects =>
        effect.type === 'wanChanged'
          ? this.#fromReconciler(this.#reconciler.handle(effect, nowMs), nowMs)
          : [effect],
    );
  }

  /** To ourselves, through the gateway. */
  #question(value: Confirm): StateEffect {
    const publishId = publishIdOf('confirm', this.#questions);
    this.#questions += 1;
    const message = { publishId, topic: this.#topic, payload: encodeJson(value) };
    return { type: 'publish', message: { ...message, qos: 1, retain: false } };
  }

  #fromReconciler(effects: readonly ReconcilerEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      const { type } = effect;
      if (type === 'sendPlan') return [...this.#planned(effect.plan, nowMs), effect];
      if (type !== 'settled' && type !== 'stepRefused') return [effect];
      return this.#fromConfirm(this.#confirm.handle(effect, nowMs), nowMs);
    });
  }

  /** Before the plan itself. Without any document nobody has said that what was stopped may flow. */
  #planned({ revision, lock }: FastPathPlan, nowMs: number): Effects {
    if (revision === NOTHING_DESIRED || lock === undefined) return nothing;
    const { thresholdS, isInArrears } = lock;
    return this.#lock.handle({ type: 'planned', thresholdS, isInArrears }, nowMs);
  }
}

/** What of the document is not the reconciler's. */
function forOthers(document: DesiredDocument | undefined): Effects {
  return [
    { type: 'checksDesired', checks: document?.healthChecks ?? [] },
    { type: 'accessPointsDesired', accessPoints: document?.accessPoints ?? {} },
  ];
}
