/**
 * Who hears what on the control side: board, gateway, desired state and fast path, put together.
 *
 * It routes and translates; whatever has to be decided is decided in a core. The agent's main program and the
 * simulated world drive this same wiring with other ports.
 */
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import type { ResyncNote } from '../../firmware-shim/kernel/mirror-news.ts';
import type { FastPathFact } from '../model/fast-path.ts';
import { sagMetrics } from '../model/host-metrics.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import type { EngineEvent } from '../ports.ts';
import { Reconciler } from '../state/reconciler.ts';
import type { ReconcilerEffect, ReconcilerEvent } from '../state/reconciler-events.ts';
import { BoardSide } from './board-side.ts';
import type { ControlEffect, ControlEvent, StoreRestored } from './control-events.ts';
import type { ControlOptions } from './control-options.ts';
import { ControlSnapshot } from './control-snapshot.ts';
import { type EngineAnswer, EngineSide } from './engine-side.ts';
import { FlapShelf } from './flap-shelf.ts';
import { GatewaySide } from './gateway-side.ts';

type Effects = readonly ControlEffect[];
type Heard = Exclude<ControlEvent, { readonly type: 'identityAnswered' }>;

export class ControlWiring implements Core<ControlEvent, ControlEffect> {
  readonly #options: ControlOptions;
  readonly #board = new BoardSide();
  readonly #gateway: GatewaySide;
  readonly #reconciler: Reconciler;
  readonly #collected: ControlSnapshot;
  readonly #engines: EngineSide;
  readonly #flaps = new FlapShelf();
  #isStopping = false;
  #startedAtMs: number | undefined;
  #nowMs = 0;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#gateway = new GatewaySide(options);
    this.#reconciler = new Reconciler(options.config, options.random);
    this.#engines = new EngineSide(options.random, options.wall);
    this.#collected = new ControlSnapshot(options.config.uplinks);
  }

  handle(event: ControlEvent, nowMs: number): Effects {
    // Outside an enrolment nobody has asked.
    const effects = event.type === 'identityAnswered' ? nothing : this.#hear(event, nowMs);
    return this.#settle(effects, nowMs);
  }

  tick(nowMs: number): Effects {
    const effects = [
      ...this.#board.tick(nowMs),
      ...this.#gateway.tick(nowMs),
      ...this.#engines.tick(nowMs),
      ...this.#fromReconciler(this.#reconciler.tick(nowMs), nowMs),
    ];
    return this.#settle(effects, nowMs);
  }

  deadline(): Deadline | undefined {
    const others = earlier(this.#gateway.deadline(), this.#reconciler.deadline());
    return earlier(earlier(this.#board.deadline(), this.#engines.deadline()), others);
  }

  /** `nowMs` is the moment of the last event unless the caller knows better. */
  snapshot(nowMs: number = this.#nowMs): AgentSnapshot {
    const { config, bootId, inventory } = this.#options;
    const { host } = this.#collected;
    return {
      nowMs,
      agent: {
        version: inventory.agentVersion,
        bootId,
        startedAtMs: this.#startedAtMs ?? nowMs,
        area: config.area,
        fastPathScheduling: this.#collected.scheduling,
      },
      board: this.#collected.boardSnapshot(),
      ...(host !== undefined && { host }),
      registration: this.#gateway.registrationSnapshot(),
      desired: this.#reconciler.snapshot(),
      outbox: this.#gateway.outboxSnapshot(),
      fastPath: this.#collected.fastPathSnapshot(nowMs, this.#engines.figures),
      notes: this.#collected.notes,
    };
  }

  #hear(event: Heard, nowMs: number): Effects {
    switch (event.type) {
      case 'boardUp':
        this.#collected.board(event, nowMs);
        return [
          ...this.#board.hear(event, nowMs),
          ...this.#gateway.boardHeard(event, nowMs),
          ...this.#gateway.tell({ type: 'boardIntroduced', hello: event.hello }, nowMs),
        ];
      case 'boardReported':
      case 'boardLost':
      case 'boardCommandDone':
        this.#collected.board(event, nowMs);
        return [...this.#board.hear(event, nowMs), ...this.#gateway.boardHeard(event, nowMs)];
      case 'channelOpened':
      case 'channelClosed':
      case 'publishAcknowledged':
      case 'lifeReceived':
      case 'rebirthRequested':
      case 'commandReceived':
        return this.#gateway.intake(event, nowMs);
      case 'messageRefused':
        return [
          ...this.#gateway.intake(event, nowMs),
          ...(event.about === 'desired' ? this.#desiredUnreadable(event, nowMs) : []),
        ];
      case 'fastPathReady':
      case 'snapshotTaken':
      case 'noted':
      case 'uplinkChanged':
      case 'tunnelStateChanged':
      case 'activeTunnelChanged':
      case 'switchAnswered':
      case 'pathAnnounced':
      case 'pathMtuChanged':
      case 'flapsChanged':
        return this.#onFact(event, nowMs);
      case 'kernelChanged':
        return [...resynced(event.note), ...this.#reconcile(event, nowMs)];
      case 'desiredReceived':
      case 'tunnelsFound':
      case 'stepAnswered':
        return this.#reconcile(event, nowMs);
      case 'engineLost':
      case 'tunnelInitiated':
      case 'enginesRead':
        return this.#fromEngines(event, nowMs);
      case 'tunnelKeyKnown':
        return this.#gateway.tell(event, nowMs);
      case 'storeRestored':
        return this.#onRestored(event, nowMs);
      case 'storeAnswered':
        return this.#gateway.storeAnswered(event, nowMs);
      case 'hostSampled':
        this.#collected.hostSampled(event.metrics);
        return this.#gateway.hostSampled(sagMetrics(event.metrics), nowMs);
      case 'stopRequested':
        return this.#leave(nowMs);
    }
  }

  #fromEngines(event: EngineEvent | EngineAnswer, nowMs: number): Effects {
    if (event.type !== 'engineLost') return this.#engines.answered(event, nowMs);
    const order = { ...event, type: 'engineLostTunnel' } as const;
    return [{ type: 'orderFastPath', order }, ...this.#reconcile(event, nowMs)];
  }

  /** The board first: a goodbye to the gateway may take long, or never be heard. */
  #leave(nowMs: number): Effects {
    this.#isStopping = true;
    return [...this.#board.stop(nowMs), ...this.#gateway.tell({ type: 'leaveRequested' }, nowMs)];
  }

  #onRestored(event: StoreRestored, nowMs: number): Effects {
    this.#flaps.restored(event.flaps ?? []);
    const refused = event.refused.map(
      ({ shelf, refusal }): ControlEffect => ({
        type: 'noted',
        note: { code: 'storeRefused', level: 'error', shelf, reason: refusal.code },
      }),
    );
    return [
      ...refused,
      ...this.#reconcile({ type: 'restored', document: event.desired }, nowMs),
      ...this.#gateway.restored(event, nowMs),
    ];
  }

  #desiredUnreadable(
    event: Extract<ControlEvent, { readonly type: 'messageRefused' }>,
    nowMs: number,
  ): Effects {
    const { refusal, revision } = event;
    return this.#reconcile({ type: 'desiredUnreadable', refusal, revision }, nowMs);
  }

  #onFact(fact: FastPathFact, nowMs: number): Effects {
    switch (fact.type) {
      case 'fastPathReady':
        this.#collected.fastPathReady(fact.scheduling);
        return [];
      case 'snapshotTaken':
        this.#collected.fastPathTold(fact.snapshot);
        return [];
      case 'noted':
        return [fact];
      case 'pathAnnounced':
        return [];
      case 'pathMtuChanged':
        return this.#reconcile(fact, nowMs);
      case 'flapsChanged':
        return this.#flaps.changed(fact.flaps);
      default:
        return [...this.#engines.fact(fact, nowMs), ...this.#gateway.fact(fact, nowMs)];
    }
  }

  #reconcile(event: ReconcilerEvent, nowMs: number): Effects {
    return this.#fromReconciler(this.#reconciler.handle(event, nowMs), nowMs);
  }

  #fromReconciler(effects: readonly ReconcilerEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      switch (effect.type) {
        case 'sendPlan': {
          const plan = this.#flaps.inPlan(effect.plan);
          this.#collected.planSent(plan);
          return [
            { type: 'orderFastPath', order: { type: 'planReceived', plan } },
            ...this.#engines.planSent(plan, nowMs),
            ...this.#gateway.planSent(plan, nowMs),
          ];
        }
        case 'progressed':
          return this.#gateway.progressed(this.#reconciler.progress, nowMs);
        default:
          return [effect];
      }
    });
  }

  /** After every turn: the front panel shows the present state, and the notes are kept for the snapshot. */
  #settle(effects: Effects, nowMs: number): Effects {
    this.#nowMs = nowMs;
    this.#startedAtMs ??= nowMs;
    const { state } = this.#gateway.registrationSnapshot();
    for (const effect of effects) {
      if (effect.type !== 'noted') continue;
      this.#collected.note(effect.note, nowMs, this.#options.wall.wallMs());
    }
    return [...effects, ...this.#board.show(state, this.#isStopping)];
  }
}

function resynced(note: ResyncNote | undefined): Effects {
  return note === undefined ? [] : [{ type: 'noted', note }];
}
