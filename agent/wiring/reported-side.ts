/**
 * What the gateway is told of this branch as it is: the reporter, the branch's routes and the words of others, each
 * retained as the newest value of its topic.
 *
 * What happened, in place of what is so, it hands on as events for whoever keeps them.
 */
import { type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import type { OutboxEvent } from '../access/outbox-events.ts';
import { type MirrorEvent, StateMirror } from '../access/state-mirror.ts';
import type { DeviceTopics } from '../access/topics.ts';
import type { RouteDistribution } from '../model/branch-route.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { HaRoleRecord } from '../model/ha.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { UplinkId } from '../model/uplink.ts';
import { type Report, Reporter } from '../report/reporter.ts';
import type { ControlEffect } from './control-events.ts';
import type { ControlOptions } from './control-options.ts';
import type { GatewayFact } from './gateway-events.ts';
import { linkReportOf, NOTHING_SAID, type ReportedWords, reportedOf } from './reported-value.ts';
import { RoutesSide } from './routes-side.ts';

export type ReportedEffect = ControlEffect | Extract<OutboxEvent, { readonly type: 'eventRaised' }>;

type Effects = readonly ReportedEffect[];

export class ReportedSide {
  readonly #wall: ControlOptions['wall'];
  readonly #topics: DeviceTopics;
  readonly #outbox: () => AgentSnapshot['outbox'];
  readonly #mirror = new StateMirror();
  readonly #reporter: Reporter;
  readonly #routes = new RoutesSide();
  #words = NOTHING_SAID;

  constructor(
    { wall, config }: ControlOptions,
    topics: DeviceTopics,
    outbox: () => AgentSnapshot['outbox'],
  ) {
    this.#wall = wall;
    this.#topics = topics;
    this.#outbox = outbox;
    this.#reporter = new Reporter(config.uplinks);
  }

  tick(nowMs: number): Effects {
    return this.#mirror.tick(nowMs);
  }

  deadline(): Deadline | undefined {
    return this.#mirror.deadline();
  }

  routesSnapshot(): readonly RouteDistribution[] {
    return this.#routes.snapshot();
  }

  /** Of a tunnel of the plan. */
  uplinkOf(tunnel: TunnelId): UplinkId | undefined {
    return this.#reporter.uplinkOf(tunnel);
  }

  roleRestored(record: HaRoleRecord | undefined): void {
    this.#reporter.roleRestored(record);
  }

  planSent(plan: FastPathPlan, nowMs: number): Effects {
    this.#routes.planSent(plan);
    return [
      ...this.#report(this.#reporter.planSent(plan, nowMs), nowMs),
      ...this.retain(this.#topics.routes, this.#routes.message, nowMs),
    ];
  }

  boardHeard(event: BoardEvent, nowMs: number): Effects {
    return this.#report(this.#reporter.boardHeard(event, nowMs), nowMs);
  }

  registered(gateway: string, uplink: string, nowMs: number): Effects {
    return this.#report(this.#reporter.registered(gateway, uplink, nowMs), nowMs);
  }

  registrationEnded(nowMs: number): Effects {
    return this.#report(this.#reporter.registrationEnded(nowMs), nowMs);
  }

  identityMisused(because: string, nowMs: number): Effects {
    return this.#report(this.#reporter.identityMisused(because, nowMs), nowMs);
  }

  /** Something of what the reported value says is another now. */
  said(words: Partial<ReportedWords>, nowMs: number): Effects {
    this.#words = { ...this.#words, ...words };
    const reported = this.healthChanged(nowMs);
    if (words.healthChecks === undefined) return reported;
    this.#routes.healthChanged(words.healthChecks);
    return [...reported, ...this.retain(this.#topics.routes, this.#routes.message, nowMs)];
  }

  fact(fact: GatewayFact, nowMs: number): Effects {
    switch (fact.type) {
      case 'uplinkChanged':
        return this.#report(this.#reporter.uplinkChanged(fact), nowMs);
      case 'tunnelStateChanged':
        return this.#report(this.#reporter.tunnelStateChanged(fact), nowMs);
      case 'activeTunnelChanged':
        return this.#report(this.#reporter.activeTunnelChanged(fact.change), nowMs);
      case 'switchAnswered':
        return nothing;
    }
  }

  healthChanged(nowMs: number): Effects {
    return this.#report([{ type: 'healthChanged' }], nowMs);
  }

  retain(topic: string, value: unknown, nowMs: number): Effects {
    return this.toMirror({ type: 'valueChanged', topic, value }, nowMs);
  }

  /** Publishing opens and closes, is acknowledged, or is asked for anew. */
  toMirror(event: MirrorEvent, nowMs: number): Effects {
    return this.#mirror.handle(event, nowMs);
  }

  #report(reports: readonly Report[], nowMs: number): Effects {
    const wallMs = this.#wall.wallMs();
    return reports.flatMap((report): Effects => {
      switch (report.type) {
        case 'eventRaised':
          return [{ ...report, wallMs }];
        case 'storePut':
          return [report];
        case 'linkChanged': {
          const topic = this.#topics.link(report.uplink);
          return this.retain(topic, linkReportOf(report, wallMs), nowMs);
        }
        case 'healthChanged': {
          const parts = { health: this.#reporter.health, outbox: this.#outbox() };
          return this.retain(
            this.#topics.reported,
            reportedOf({ ...this.#words, ...parts }),
            nowMs,
          );
        }
      }
    });
  }
}
