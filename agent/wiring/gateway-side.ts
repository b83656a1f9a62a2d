/**
 * Who hears what among the cores that speak with the gateway: registration, outbox, commands and what is reported.
 *
 * One channel carries them all: what the gateway acknowledges finds its core by the lane of the publish id, and the
 * start and end of a registration are told to each.
 */
import { type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import { CommandDesk, type CommandEffect, type CommandEvent } from '../access/command-desk.ts';
import { COMMAND_SHELF } from '../access/command-memory.ts';
import type { AccessIntake } from '../access/intake.ts';
import { OUTBOX_SHELF, Outbox } from '../access/outbox.ts';
import type { OutboxEffect, OutboxEvent } from '../access/outbox-events.ts';
import type { DiagnosisMessage } from '../access/payloads.ts';
import { laneOf } from '../access/publish-lane.ts';
import type { MirrorEvent } from '../access/state-mirror.ts';
import { type DeviceTopics, topicsOf } from '../access/topics.ts';
import type { RouteDistribution } from '../model/branch-route.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { HaRoleRecord } from '../model/ha.ts';
import type { AgentSnapshot, RegistrationSnapshot } from '../model/snapshot.ts';
import { AccessSide, type AccessSideEffect, type AccessSideEvent } from './access-side.ts';
import type { StoreRestored, WiredEffect } from './control-events.ts';
import type { ControlOptions } from './control-options.ts';
import { wantedOf } from './desk-effects.ts';
import type { GatewayFact, GatewayIntake, StoreAnswered } from './gateway-events.ts';
import { messageRefused, noted, storeRefused } from './gateway-notes.ts';
import { type ReportedEffect, ReportedSide } from './reported-side.ts';
import type { ReportedWords } from './reported-value.ts';

type Effects = readonly WiredEffect[];

export class GatewaySide {
  readonly #options: ControlOptions;
  readonly #topics: DeviceTopics;
  readonly #registration: AccessSide;
  readonly #outbox: Outbox;
  readonly #desk: CommandDesk;
  readonly #reported: ReportedSide;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#topics = topicsOf(options.config.tenant, options.inventory.serialNumber);
    this.#registration = new AccessSide(options);
    this.#outbox = new Outbox(options.bootId, this.#topics);
    this.#desk = new CommandDesk(this.#topics, options.machineBootId ?? options.bootId);
    this.#reported = new ReportedSide(options, this.#topics, () => this.#outbox.snapshot());
  }

  tick(nowMs: number): Effects {
    return [
      ...this.#fromRegistration(this.#registration.tick(nowMs), nowMs),
      ...this.#fromOutbox(this.#outbox.tick(nowMs), nowMs),
      ...this.#fromDesk(this.#desk.tick(nowMs), nowMs),
      ...this.#fromReported(this.#reported.tick(nowMs), nowMs),
    ];
  }

  deadline(): Deadline | undefined {
    const others = [this.#outbox, this.#desk, this.#reported];
    return others.map((core) => core.deadline()).reduce(earlier, this.#registration.deadline());
  }

  registrationSnapshot(): RegistrationSnapshot {
    return this.#registration.snapshot();
  }

  outboxSnapshot(): AgentSnapshot['outbox'] {
    return this.#outbox.snapshot();
  }

  routesSnapshot(): readonly RouteDistribution[] {
    return this.#reported.routesSnapshot();
  }

  roleRestored(record: HaRoleRecord | undefined): void {
    this.#reported.roleRestored(record);
  }

  restored(
    { events, commands, commandFloorMs: floorMs, bdSeq, choice }: StoreRestored,
    nowMs: number,
  ): Effects {
    return [
      ...this.#tellOutbox({ type: 'restored', events }, nowMs),
      ...this.#tellDesk({ type: 'restored', commands, floorMs }, nowMs),
      ...this.tell({ type: 'restored', bdSeq, choice }, nowMs),
    ];
  }

  storeAnswered(event: StoreAnswered, nowMs: number): Effects {
    switch (event.shelf) {
      case OUTBOX_SHELF:
        return this.#tellOutbox(event, nowMs);
      case COMMAND_SHELF:
        return this.#tellDesk({ ...event, wallMs: this.#wallMs() }, nowMs);
      default:
        return event.ok ? nothing : [noted(storeRefused(event.shelf, event.code ?? ''))];
    }
  }

  /** Something only the registration wants to know. */
  tell(event: AccessSideEvent, nowMs: number): Effects {
    return this.#fromRegistration(this.#registration.handle(event, nowMs), nowMs);
  }

  planSent(plan: FastPathPlan, nowMs: number): Effects {
    return this.#fromReported(this.#reported.planSent(plan, nowMs), nowMs);
  }

  boardHeard(event: BoardEvent, nowMs: number): Effects {
    const reported = this.#fromReported(this.#reported.boardHeard(event, nowMs), nowMs);
    if (event.type !== 'boardUp') return reported;
    return [...reported, ...this.tell({ type: 'boardIntroduced', hello: event.hello }, nowMs)];
  }

  /** Something of what the reported value says is another now. */
  said(words: Partial<ReportedWords>, nowMs: number): Effects {
    return this.#fromReported(this.#reported.said(words, nowMs), nowMs);
  }

  intake(event: GatewayIntake, nowMs: number): Effects {
    switch (event.type) {
      case 'channelOpened':
      case 'channelClosed':
      case 'lifeReceived':
      case 'rebirthRequested':
        return this.tell(event, nowMs);
      case 'publishAcknowledged':
        return this.#acknowledged(event, nowMs);
      case 'commandReceived':
        return this.#tellDesk({ ...event, wallMs: this.#wallMs() }, nowMs);
      case 'actionAnswered':
        return this.#tellDesk(event, nowMs);
      case 'eventsRead':
        return this.#tellOutbox(event, nowMs);
      case 'diagnosisReported': {
        const value: DiagnosisMessage = { v: 1, report: event.report };
        return this.#fromReported(
          this.#reported.retain(this.#topics.diagnosis, value, nowMs),
          nowMs,
        );
      }
      case 'messageRefused': {
        const { commandId: id, refusal, retained, topic } = event;
        const { code, sentence } = refusal;
        const unreadable = { type: 'commandUnreadable', code, sentence, retained } as const;
        return [
          noted(messageRefused(topic, refusal)),
          ...(id === undefined ? nothing : this.#tellDesk({ ...unreadable, id }, nowMs)),
        ];
      }
    }
  }

  fact(fact: GatewayFact, nowMs: number): Effects {
    return [
      ...this.#heeded(fact, nowMs),
      ...this.#fromReported(this.#reported.fact(fact, nowMs), nowMs),
    ];
  }

  /** By those who do more with it than report it. */
  #heeded(fact: GatewayFact, nowMs: number): Effects {
    switch (fact.type) {
      case 'uplinkChanged':
        return this.tell(fact, nowMs);
      case 'tunnelStateChanged': {
        const uplink = fact.to === 'down' ? this.#reported.uplinkOf(fact.tunnel) : undefined;
        return uplink === undefined ? nothing : this.tell({ type: 'uplinkDoubted', uplink }, nowMs);
      }
      case 'activeTunnelChanged':
        return nothing;
      case 'switchAnswered':
        return this.#tellDesk({ ...fact, type: 'actionAnswered' }, nowMs);
    }
  }

  #acknowledged(
    event: Extract<AccessIntake, { readonly type: 'publishAcknowledged' }>,
    nowMs: number,
  ): Effects {
    switch (laneOf(event.publishId)) {
      case 'life':
        return this.tell(event, nowMs);
      case 'outbox':
        return this.#tellOutbox(event, nowMs);
      case 'state':
        return this.#toMirror(event, nowMs);
      case 'command':
        return this.#tellDesk(event, nowMs);
      case 'telemetry':
      case 'identity':
      case 'confirm':
        return nothing;
    }
  }

  #fromRegistration(effects: readonly AccessSideEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      switch (effect.type) {
        case 'registered': {
          const { gateway = '', overUplink = '' } = this.#registration.snapshot();
          return [
            ...this.#fromReported(this.#reported.registered(gateway, overUplink, nowMs), nowMs),
            ...this.#turn('publishingOpened', nowMs),
          ];
        }
        case 'registrationEnded':
          return [
            ...this.#turn('publishingClosed', nowMs),
            ...this.#fromReported(this.#reported.registrationEnded(nowMs), nowMs),
          ];
        case 'identityMisused':
          return this.#fromReported(this.#reported.identityMisused(effect.because, nowMs), nowMs);
        case 'probePath':
          return [{ ...effect, of: 'access' }];
        case 'actionAnswered':
          return this.#tellDesk(effect, nowMs);
        case 'stateWanted':
          return this.#toMirror(effect, nowMs);
        case 'left':
          return [{ type: 'stopped' }];
        default:
          return [effect];
      }
    });
  }

  #tellDesk(event: CommandEvent, nowMs: number): Effects {
    return this.#fromDesk(this.#desk.handle(event, nowMs), nowMs);
  }

  #fromDesk(effects: readonly CommandEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      if (effect.type !== 'requestAction') return [effect];
      const wanted = wantedOf(effect.command);
      return wanted.of === 'access' ? this.tell(wanted.event, nowMs) : [wanted.effect];
    });
  }

  #tellOutbox(event: OutboxEvent, nowMs: number): Effects {
    return this.#fromOutbox(this.#outbox.handle(event, nowMs), nowMs);
  }

  #fromOutbox(effects: readonly OutboxEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      if (effect.type !== 'lossesChanged') return [effect];
      return this.#fromReported(this.#reported.healthChanged(nowMs), nowMs);
    });
  }

  #turn(type: 'publishingOpened' | 'publishingClosed', nowMs: number): Effects {
    return [
      ...this.#toMirror({ type }, nowMs),
      ...this.#tellOutbox({ type }, nowMs),
      ...this.#tellDesk({ type }, nowMs),
    ];
  }

  #toMirror(event: MirrorEvent, nowMs: number): Effects {
    return this.#fromReported(this.#reported.toMirror(event, nowMs), nowMs);
  }

  #fromReported(effects: readonly ReportedEffect[], nowMs: number): Effects {
    return effects.flatMap(
      (effect): Effects =>
        effect.type === 'eventRaised' ? this.#tellOutbox(effect, nowMs) : [effect],
    );
  }

  #wallMs(): number {
    return this.#options.wall.wallMs();
  }
}
