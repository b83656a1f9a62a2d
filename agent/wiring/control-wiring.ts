/**
 * Who hears what on the control side: board, gateway, desired state and fast path, put together.
 *
 * It routes and translates; whatever has to be decided is decided in a core. The agent's main program and the
 * simulated world drive this same wiring with other ports.
 */
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import type { EngineEvent } from '../engine-port.ts';
import type { FastPathFact } from '../model/fast-path.ts';
import { sagMetrics } from '../model/host-metrics.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { BoardSide } from './board-side.ts';
import type {
  ControlEffect,
  ControlEvent,
  IdentityEvent,
  StoreRestored,
  WiredEffect,
} from './control-events.ts';
import type { ControlOptions } from './control-options.ts';
import { ControlSnapshot, resynced } from './control-snapshot.ts';
import { type EngineAnswer, EngineSide } from './engine-side.ts';
import { FlapShelf } from './flap-shelf.ts';
import type { StoreAnswered } from './gateway-events.ts';
import { unreadRecord } from './gateway-notes.ts';
import { GatewaySide } from './gateway-side.ts';
import { IdentitySide, isIdentityEvent } from './identity-side.ts';
import { STATE_SHELVES, type StateEffect, type StateEvent, StateSide } from './state-side.ts';
import { type TelemetryEffect, TelemetrySide } from './telemetry-side.ts';

type Effects = readonly WiredEffect[];
type Heard = Exclude<ControlEvent, IdentityEvent>;

export class ControlWiring implements Core<ControlEvent, ControlEffect> {
  readonly #options: ControlOptions;
  readonly #board = new BoardSide();
  readonly #gateway: GatewaySide;
  readonly identity: IdentitySide;
  readonly #state: StateSide;
  readonly #telemetry: TelemetrySide;
  readonly #collected: ControlSnapshot;
  readonly engines: EngineSide;
  readonly #flaps = new FlapShelf();
  #isStopping = false;
  #wasRegistered = false;
  #startedAtMs: number | undefined;
  #nowMs = 0;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#gateway = new GatewaySide(options);
    this.#telemetry = new TelemetrySide(options);
    this.identity = new IdentitySide(options, (event, nowMs) => this.#gateway.tell(event, nowMs));
    this.engines = new EngineSide(options.random, options.wall);
    this.#state = new StateSide(options);
    this.#collected = new ControlSnapshot(options.config.uplinks);
  }

  handle(event: ControlEvent, nowMs: number): readonly ControlEffect[] {
    const others = isIdentityEvent(event) ? nothing : this.#hear(event, nowMs);
    return this.#settle([...this.identity.hear(event, nowMs), ...others], nowMs);
  }

  tick(nowMs: number): readonly ControlEffect[] {
    const effects = [
      ...this.#board.tick(nowMs),
      ...this.#gateway.tick(nowMs),
      ...this.#fromTelemetry(this.#telemetry.tick(nowMs), nowMs),
      ...this.engines.tick(nowMs),
      ...this.identity.tick(nowMs),
      ...this.#fromState(this.#state.tick(nowMs), nowMs),
    ];
    return this.#settle(effects, nowMs);
  }

  deadline(): Deadline | undefined {
    const cores = [this.#gateway, this.#state, this.#telemetry, this.#board, this.engines];
    return [...cores, this.identity].map((each) => each.deadline()).reduce(earlier, undefined);
  }

  /** `nowMs` is the moment of the last event unless the caller knows better. */
  snapshot(nowMs: number = this.#nowMs): AgentSnapshot {
    return this.#collected.whole(
      { ...this.#options, startedAtMs: this.#startedAtMs ?? nowMs, engines: this.engines.figures },
      {
        registration: this.#gateway.registrationSnapshot(),
        ...this.#telemetry.snapshot(),
        desired: { ...this.#state.snapshot(), routes: this.#gateway.routesSnapshot() },
        wan: this.#state.wan,
        outbox: this.#gateway.outboxSnapshot(),
      },
      nowMs,
    );
  }

  #hear(event: Heard, nowMs: number): Effects {
    switch (event.type) {
      case 'boardUp':
      case 'boardReported':
      case 'boardLost':
      case 'boardCommandDone':
        return this.#onBoard(event, nowMs);
      case 'channelOpened':
      case 'channelClosed':
      case 'publishAcknowledged':
      case 'lifeReceived':
      case 'rebirthRequested':
      case 'commandReceived':
      case 'actionAnswered':
      case 'eventsRead':
      case 'diagnosisReported':
        return this.#gateway.intake(event, nowMs);
      case 'messageRefused': {
        const unreadable = { ...event, type: 'desiredUnreadable' } as const;
        const told = event.about === 'desired' ? this.#toState(unreadable, nowMs) : [];
        return [...this.#gateway.intake(event, nowMs), ...told];
      }
      case 'kernelChanged':
        return [...resynced(event.note), ...this.#toState(event, nowMs)];
      case 'desiredReceived':
      case 'confirmReceived':
      case 'tunnelsFound':
      case 'rulesTouched':
      case 'dhcpEnded':
      case 'stepAnswered':
      case 'wanAsked':
      case 'wanTold':
        return this.#toState(event, nowMs);
      case 'engineLost':
      case 'tunnelInitiated':
      case 'enginesRead':
        return this.#fromEngines(event, nowMs);
      case 'tunnelKeyKnown':
        return this.#gateway.tell(event, nowMs);
      case 'storeRestored':
        return this.#onRestored(event, nowMs);
      case 'storeAnswered':
        return this.#onStored(event, nowMs);
      case 'pathProbed':
        // Back to whom it was sent for.
        return event.of === 'access'
          ? this.#gateway.tell(event, nowMs)
          : this.#fromTelemetry(this.#telemetry.probed(event, nowMs), nowMs);
      case 'echoAnswered':
        return this.#fromTelemetry(this.#telemetry.echoed(event, nowMs), nowMs);
      case 'hostSampled':
        this.#collected.hostSampled(event.metrics);
        return this.#telemetry.sampled(sagMetrics(event.metrics), this.#isRegistered(), nowMs);
      case 'stopRequested':
        return this.#leave(nowMs);
      default:
        return this.#onFact(event, nowMs);
    }
  }

  #fromEngines(event: EngineEvent | EngineAnswer, nowMs: number): Effects {
    if (event.type !== 'engineLost') return this.engines.answered(event, nowMs);
    const order = { ...event, type: 'engineLostTunnel' } as const;
    return [{ type: 'orderFastPath', order }, ...this.#toState(event, nowMs)];
  }

  /** The board first: a goodbye to the gateway may take long, or never be heard. */
  #leave(nowMs: number): Effects {
    this.#isStopping = true;
    return [...this.#board.stop(nowMs), ...this.#gateway.tell({ type: 'leaveRequested' }, nowMs)];
  }

  #onRestored(event: StoreRestored, nowMs: number): Effects {
    this.#flaps.restored(event.flaps ?? []);
    this.#gateway.roleRestored(event.haRole);
    const { desired: confirmed, trial } = event;
    const state = this.#state.handle({ ...event, type: 'restored', confirmed, trial }, nowMs);
    const refused = event.refused.map(unreadRecord);
    return [...refused, ...this.#fromState(state, nowMs), ...this.#gateway.restored(event, nowMs)];
  }

  #onStored(event: StoreAnswered, nowMs: number): Effects {
    return [
      ...(STATE_SHELVES.includes(event.shelf) ? this.#toState(event, nowMs) : []),
      ...this.#gateway.storeAnswered(event, nowMs),
    ];
  }

  #onFact(fact: FastPathFact, nowMs: number): Effects {
    switch (fact.type) {
      case 'fastPathReady':
      case 'snapshotTaken':
        this.#collected.fastPathTold(fact);
        return nothing;
      case 'noted':
        return [fact];
      case 'pathAnnounced':
        return nothing;
      case 'pathMtuChanged':
        return this.#toState(fact, nowMs);
      case 'flapsChanged':
        return this.#flaps.changed(fact.flaps);
      default:
        return [
          ...this.engines.fact(fact, nowMs),
          ...this.#gateway.fact(fact, nowMs),
          ...this.#fromState(this.#state.fact(fact, nowMs), nowMs),
          ...this.#fromTelemetry(this.#telemetry.fact(fact, nowMs), nowMs),
        ];
    }
  }

  #onBoard(event: BoardEvent, nowMs: number): Effects {
    this.#collected.board(event, nowMs);
    return [...this.#board.hear(event, nowMs), ...this.#gateway.boardHeard(event, nowMs)];
  }

  #fromTelemetry(effects: readonly TelemetryEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      switch (effect.type) {
        case 'endToEndChanged':
          return this.#gateway.said({ endToEndState: this.#telemetry.endToEndState }, nowMs);
        case 'healthCheckChanged':
          return this.#gateway.said({ healthChecks: effect.statuses }, nowMs);
        default:
          return [effect];
      }
    });
  }

  #isRegistered(): boolean {
    return this.#gateway.registrationSnapshot().state === 'registered';
  }

  #toState(event: StateEvent, nowMs: number): Effects {
    return this.#fromState(this.#state.handle(event, nowMs), nowMs);
  }

  #fromState(effects: readonly StateEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      switch (effect.type) {
        case 'sendPlan': {
          const plan = this.#flaps.inPlan(effect.plan);
          this.#collected.planSent(plan);
          return [
            { type: 'orderFastPath', order: { type: 'planReceived', plan } },
            ...this.engines.planSent(plan, nowMs),
            ...this.#gateway.planSent(plan, nowMs),
            ...this.#fromTelemetry(this.#telemetry.planSent(plan, nowMs), nowMs),
          ];
        }
        case 'checksDesired':
          return this.#fromTelemetry(this.#telemetry.checksDesired(effect, nowMs), nowMs);
        case 'accessPointsDesired':
          return this.#gateway.tell(effect, nowMs);
        case 'actionAnswered':
          return this.#gateway.intake(effect, nowMs);
        case 'progressed':
          return this.#gateway.said({ progress: this.#state.progress }, nowMs);
        case 'reconnect':
          return this.#gateway.tell({ type: 'pathChanged', because: effect.because }, nowMs);
        default:
          return [effect];
      }
    });
  }

  /** After every turn: the front panel shows the present state, and the notes are kept for the snapshot. */
  #settle(effects: Effects, nowMs: number): readonly ControlEffect[] {
    this.#nowMs = nowMs;
    this.#startedAtMs ??= nowMs;
    const { state: registration } = this.#gateway.registrationSnapshot();
    const all = [...effects, ...this.#onRegistration(nowMs)].flatMap((each) =>
      this.#out(each, nowMs),
    );
    for (const effect of all) {
      if (effect.type !== 'noted') continue;
      this.#collected.note(effect.note, nowMs, this.#options.wall.wallMs());
    }
    const isDataStopped = this.#state.progress.dataStop !== undefined;
    const panel = { registration, isStopping: this.#isStopping, isDataStopped };
    return [...all, ...this.#board.show(panel)];
  }

  #out(effect: WiredEffect, nowMs: number): readonly ControlEffect[] {
    if (effect.type !== 'unlockRequested') return [effect];
    return this.#toState(effect, nowMs).flatMap((each) => this.#out(each, nowMs));
  }

  /** Whether the gateway is reached is what a document on trial is judged by. */
  #onRegistration(nowMs: number): Effects {
    const registered = this.#isRegistered();
    if (registered === this.#wasRegistered) return [];
    this.#wasRegistered = registered;
    return [
      ...this.#toState({ type: 'registrationChanged', registered }, nowMs),
      ...this.identity.registration(registered, nowMs),
    ];
  }
}
