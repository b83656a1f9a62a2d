/**
 * Who hears what among the cores that speak with the gateway: registration, outbox, commands, retained state and
 * the reporter.
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
import { StateMirror } from '../access/state-mirror.ts';
import { type DeviceTopics, topicsOf } from '../access/topics.ts';
import type { RouteDistribution } from '../model/branch-route.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { HaRoleRecord } from '../model/ha.ts';
import type { AgentSnapshot, RegistrationSnapshot } from '../model/snapshot.ts';
import { type Report, Reporter } from '../report/reporter.ts';
import { AccessSide, type AccessSideEffect, type AccessSideEvent } from './access-side.ts';
import type { StoreRestored, WiredEffect } from './control-events.ts';
import type { ControlOptions } from './control-options.ts';
import { wantedOf } from './desk-effects.ts';
import type { GatewayFact, GatewayIntake, StoreAnswered } from './gateway-events.ts';
import { messageRefused, noted, storeRefused } from './gateway-notes.ts';
import { linkReportOf, NOTHING_SAID, type ReportedWords, reportedOf } from './reported-value.ts';
import { RoutesSide } from './routes-side.ts';

type Effects = readonly WiredEffect[];

export class GatewaySide {
  readonly #options: ControlOptions;
  readonly #topics: DeviceTopics;
  readonly #registration: AccessSide;
  readonly #outbox: Outbox;
  readonly #desk: CommandDesk;
  readonly #mirror = new StateMirror();
  readonly #reporter: Reporter;
  readonly #routes = new RoutesSide();
  #words = NOTHING_SAID;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#topics = topicsOf(options.config.tenant, options.inventory.serialNumber);
    this.#registration = new AccessSide(options);
    this.#outbox = new Outbox(options.bootId, this.#topics);
    this.#desk = new CommandDesk(this.#topics, options.machineBootId ?? options.bootId);
    this.#reporter = new Reporter(options.config.uplinks);
  }

  tick(nowMs: number): Effects {
    return [
      ...this.#fromRegistration(this.#registration.tick(nowMs), nowMs),
      ...this.#fromOutbox(this.#outbox.tick(nowMs), nowMs),
      ...this.#fromDesk(this.#desk.tick(nowMs), nowMs),
      ...this.#mirror.tick(nowMs),
    ];
  }

  deadline(): Deadline | undefined {
    const others = [this.#outbox, this.#desk, this.#mirror];
    return others.map((core) => core.deadline()).reduce(earlier, this.#registration.deadline());
  }

  registrationSnapshot(): RegistrationSnapshot {
    return this.#registration.snapshot();
  }

  outboxSnapshot(): AgentSnapshot['outbox'] {
    return this.#outbox.snapshot();
  }

  routesSnapshot(): readonly RouteDistribution[] {
    return this.#routes.snapshot();
  }

  roleRestored(record: HaRoleRecord | undefined): void {
    this.#reporter.roleRestored(record);
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
    this.#routes.planSent(plan);
    return [
      ...this.#report(this.#reporter.planSent(plan, nowMs), nowMs),
      ...this.#retain(this.#topics.routes, this.#routes.message, nowMs),
    ];
  }

  boardHeard(event: BoardEvent, nowMs: number): Effects {
    const reported = this.#report(this.#reporter.boardHeard(event, nowMs), nowMs);
    if (event.type !== 'boardUp') return reported;
    return [...reported, ...this.tell({ type: 'boardIntroduced', hello: event.hello }, nowMs)];
  }

  /** Something of what the reported value says is another now. */
  said(words: Partial<ReportedWords>, nowMs: number): Effects {
    this.#words = { ...this.#words, ...words };
    const reported = this.#report([{ type: 'healthChanged' }], nowMs);
    if (words.healthChecks === undefined) return reported;
    this.#routes.healthChanged(words.healthChecks);
    return [...reported, ...this.#retain(this.#topics.routes, this.#routes.message, nowMs)];
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
        return this.#retain(this.#topics.diagnosis, value, nowMs);
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
    switch (fact.type) {
      case 'uplinkChanged':
        return [
          ...this.tell(fact, nowMs),
          ...this.#report(this.#reporter.uplinkChanged(fact), nowMs),
        ];
      case 'tunnelStateChanged': {
        const uplink = fact.to === 'down' ? this.#reporter.uplinkOf(fact.tunnel) : undefined;
        return [
          ...(uplink === undefined ? nothing : this.tell({ type: 'uplinkDoubted', uplink }, nowMs)),
          ...this.#report(this.#reporter.tunnelStateChanged(fact), nowMs),
        ];
      }
      case 'activeTunnelChanged':
        return this.#report(this.#reporter.activeTunnelChanged(fact.change), nowMs);
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
        return this.#mirror.handle(event, nowMs);
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
            ...this.#report(this.#reporter.registered(gateway, overUplink, nowMs), nowMs),
            ...this.#turn('publishingOpened', nowMs),
          ];
        }
        case 'registrationEnded':
          return [
            ...this.#turn('publishingClosed', nowMs),
            ...this.#report(this.#reporter.registrationEnded(nowMs), nowMs),
          ];
        case 'identityMisused':
          return this.#report(this.#reporter.identityMisused(effect.because, nowMs), nowMs);
        case 'probePath':
          return [{ ...effect, of: 'access' }];
        case 'actionAnswered':
          return this.#tellDesk(effect, nowMs);
        case 'stateWanted':
          return this.#mirror.handle(effect, nowMs);
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
      return this.#report([{ type: 'healthChanged' }], nowMs);
    });
  }

  #turn(type: 'publishingOpened' | 'publishingClosed', nowMs: number): Effects {
    return [
      ...this.#mirror.handle({ type }, nowMs),
      ...this.#tellOutbox({ type }, nowMs),
      ...this.#tellDesk({ type }, nowMs),
    ];
  }

  #report(reports: readonly Report[], nowMs: number): Effects {
    const wallMs = this.#wallMs();
    return reports.flatMap((report): Effects => {
      switch (report.type) {
        case 'eventRaised':
          return this.#tellOutbox({ ...report, wallMs }, nowMs);
        case 'storePut':
          return [report];
        case 'linkChanged': {
          const topic = this.#topics.link(report.uplink);
          return this.#retain(topic, linkReportOf(report, wallMs), nowMs);
        }
        case 'healthChanged': {
          const value = reportedOf({
            ...this.#words,
            health: this.#reporter.health,
            outbox: this.#outbox.snapshot(),
          });
          return this.#retain(this.#topics.reported, value, nowMs);
        }
      }
    });
  }

  #retain(topic: string, value: unknown, nowMs: number): Effects {
    return this.#mirror.handle({ type: 'valueChanged', topic, value }, nowMs);
  }

  #wallMs(): number {
    return this.#options.wall.wallMs();
  }
}
