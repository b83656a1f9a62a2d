/**
 * Decides everything about our relationship with the access gateway: which is tried, over which uplink, and when.
 *
 * Registered means: connected, the gateway serves our area, birth is acknowledged and has come back on our own life
 * topic, because connected is not publishing. The channel is transport only; losing it never touches a tunnel.
 */
import { assert } from '../../firmware-shim/base/assert.ts';
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { RegistrationSnapshot } from '../model/snapshot.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import { AttemptPlan, cloneAlarm, RETRY_AT_ONCE, type Retry } from './attempt-plan.ts';
import { targetOf } from './gateway-walk.ts';
import { type LifeFinding, LifeLine, type LifeLineOptions } from './life-line.ts';
import { CONNACK_PROPERTIES } from './payloads.ts';
import type { RegistrationEffect, RegistrationEvent } from './registration-events.ts';
import {
  areaMismatch,
  birthRefusal,
  type CloseHow,
  type Ending,
  endingNote,
  hasAttempt,
  isOpen,
  isRegisteredOver,
  noAnswer,
  noted,
  pathChange,
  type RegistrationState,
  registeredNote,
  snapshotOf,
  stateNote,
  uplinkLoss,
} from './registration-state.ts';
import { type DeviceTopics, subscriptionsOf, topicsOf } from './topics.ts';

/** TCP, TLS and CONNACK, or birth and its echo, take no longer on any path worth using. */
const ATTEMPT_MS = 10_000;
/** A registration that lasted this long was a good one: backoff starts small again. */
const STABLE_MS = 60_000;
/** Connections are at least this far apart, however much the uplinks flap. */
const OPEN_GAP_MS = 1_000;
/** Nobody waits longer than this for our goodbye to be acknowledged. */
const GOODBYE_MS = 2_000;

type Timer = 'retry' | 'attempt' | 'stable' | 'goodbye';
type Effects = readonly RegistrationEffect[];

export interface RegistrationOptions extends LifeLineOptions {
  readonly random: Random;
}

export class Registration implements Core<RegistrationEvent, RegistrationEffect> {
  readonly #options: RegistrationOptions;
  readonly #topics: DeviceTopics;
  readonly #plan: AttemptPlan;
  readonly #life: LifeLine;
  readonly #timers = new Timers<Timer>();
  #state: RegistrationState = { name: 'idle' };
  #sinceMs = 0;
  #openedAtMs = Number.NEGATIVE_INFINITY;
  #restored = false;
  #attempts = 0;
  #lastEnding: Ending | undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#topics = topicsOf(options.config.tenant, options.inventory.serialNumber);
    this.#plan = new AttemptPlan(options.config, options.random);
    this.#life = new LifeLine(options);
  }

  handle(event: RegistrationEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'restored':
        this.#restored = true;
        this.#life.restore(event.bdSeq);
        return this.#connect('the store is read', nowMs);
      case 'accessPointsRanked':
        this.#plan.rank(event.order);
        return this.#connect('the access points are ranked', nowMs);
      case 'uplinkChanged':
        return this.#onUplink(event.uplink, event.verdict, nowMs);
      case 'channelOpened':
        return this.#onOpened(event.properties, nowMs);
      case 'channelClosed':
        return this.#onClosed(event, nowMs);
      case 'publishAcknowledged':
        return this.#onAcknowledged(event.publishId, event.reasonCode, nowMs);
      case 'lifeReceived': {
        if (!isOpen(this.#state)) return nothing;
        const { effects, finding } = this.#life.heard(event.life, event.retained, nowMs);
        return [...effects, ...this.#onFinding(finding, nowMs), ...this.#settle(nowMs)];
      }
      case 'rebirthRequested':
        if (!isOpen(this.#state)) return nothing;
        return [...this.#life.beBornSoon(nowMs), { type: 'stateWanted' }];
      case 'boardIntroduced':
      case 'tunnelKeyKnown':
        return this.#life.learn(event, isOpen(this.#state), nowMs);
      case 'uplinkDoubted':
        return isRegisteredOver(this.#state, event.uplink) ? this.#life.checkEcho(nowMs) : nothing;
      case 'trustChanged':
        return this.#hurry(nowMs);
      case 'pathChanged':
        this.#plan.pathChanged();
        if (!hasAttempt(this.#state)) return this.#hurry(nowMs);
        return this.#finish(pathChange(event.because), RETRY_AT_ONCE, 'drop', nowMs);
      case 'leaveRequested':
        return this.#leave(nowMs);
    }
  }

  tick(nowMs: number): Effects {
    const effects: RegistrationEffect[] = [];
    if (this.#timers.take('retry', nowMs)) effects.push(...this.#connect('waited', nowMs));
    if (this.#timers.take('attempt', nowMs)) {
      effects.push(...this.#abandon(noAnswer(ATTEMPT_MS), 'drop', nowMs));
    }
    if (this.#timers.take('stable', nowMs)) {
      this.#plan.stable();
      this.#attempts = 0;
    }
    if (this.#timers.take('goodbye', nowMs)) effects.push(...this.#hangUp(nowMs));
    if (isOpen(this.#state)) {
      const life = this.#life.tick(nowMs);
      effects.push(...life.effects, ...this.#onFinding(life.finding, nowMs));
    }
    return effects;
  }

  deadline(): Deadline | undefined {
    return earlier(this.#timers.deadline(), this.#life.deadline());
  }

  snapshot(): RegistrationSnapshot {
    return snapshotOf(this.#state, {
      sinceMs: this.#sinceMs,
      attempts: this.#attempts,
      lastEnding: this.#lastEnding,
      retryAtMs: this.#timers.at('retry'),
    });
  }

  #become(next: RegistrationState, because: string, nowMs: number): Effects {
    const from = this.#state.name;
    this.#state = next;
    if (from === next.name) return nothing;
    this.#sinceMs = nowMs;
    const ended: Effects = from === 'registered' ? [{ type: 'registrationEnded' }] : nothing;
    return [noted(stateNote(from, next.name, because)), ...ended];
  }

  #connect(because: string, nowMs: number): Effects {
    const { name } = this.#state;
    if (!this.#restored || (name !== 'idle' && name !== 'waiting')) return nothing;
    const attempt = this.#plan.next();
    if (attempt === undefined) return this.#become({ name: 'idle' }, 'no uplink is up', nowMs);
    const earliestMs = this.#openedAtMs + OPEN_GAP_MS;
    if (nowMs < earliestMs) {
      this.#timers.set('retry', earliestMs);
      return this.#become({ name: 'waiting', mayHurry: false }, because, nowMs);
    }
    this.#timers.clear('retry');
    this.#openedAtMs = nowMs;
    this.#attempts += 1;
    this.#timers.set('attempt', nowMs + ATTEMPT_MS);
    const { will, effects } = this.#life.prepare();
    return [
      ...this.#become({ name: 'connecting', attempt }, because, nowMs),
      ...effects,
      { type: 'openAccess', target: targetOf(attempt), will },
    ];
  }

  #onUplink(uplink: UplinkId, verdict: UplinkVerdict, nowMs: number): Effects {
    this.#plan.observe(uplink, verdict);
    const loss = uplinkLoss(this.#state, uplink, verdict);
    if (loss !== undefined) return this.#finish(loss, RETRY_AT_ONCE, 'drop', nowMs);
    if (verdict.state === 'down') return nothing;
    if (this.#state.name !== 'idle') return this.#hurry(nowMs);
    return this.#connect(`${uplink} is up`, nowMs);
  }

  /** A path or the right time came: no wait that may be shortened is worth its time. */
  #hurry(nowMs: number): Effects {
    if (this.#state.name !== 'waiting' || !this.#state.mayHurry) return nothing;
    const atMs = nowMs + this.#plan.afterPathReturnedMs();
    this.#timers.set('retry', Math.min(atMs, this.#timers.at('retry') ?? atMs));
    return nothing;
  }

  #onOpened(properties: Readonly<Record<string, string>>, nowMs: number): Effects {
    if (this.#state.name !== 'connecting') return nothing;
    const { attempt } = this.#state;
    const { area } = this.#options.config;
    this.#plan.hearSpread(properties[CONNACK_PROPERTIES.spreadMs]);
    const mismatch = areaMismatch(attempt, area, properties[CONNACK_PROPERTIES.area]);
    if (mismatch !== undefined) return this.#abandon(mismatch, 'bye', nowMs);
    this.#timers.set('attempt', nowMs + ATTEMPT_MS);
    return [
      ...this.#become({ name: 'registering', attempt, area }, 'connected', nowMs),
      { type: 'subscribe', topics: subscriptionsOf(this.#topics) },
      ...this.#life.beBorn(nowMs),
    ];
  }

  #onAcknowledged(publishId: number, reasonCode: number, nowMs: number): Effects {
    const state = this.#state;
    if (state.name === 'leaving') return publishId === state.byeId ? this.#hangUp(nowMs) : nothing;
    if (!isOpen(this.#state)) return nothing;
    const refusal = birthRefusal(reasonCode);
    if (refusal !== undefined) return this.#abandon(refusal, 'drop', nowMs);
    this.#life.acknowledged();
    return this.#settle(nowMs);
  }

  /** Becomes registered once birth is proved. */
  #settle(nowMs: number): Effects {
    if (this.#state.name !== 'registering' || !this.#life.proved) return nothing;
    const { attempt, area } = this.#state;
    this.#timers.clear('attempt');
    this.#timers.set('stable', nowMs + STABLE_MS);
    this.#life.keepProving(nowMs);
    this.#plan.registered();
    this.#lastEnding = undefined;
    return [
      ...this.#become({ name: 'registered', attempt, area }, 'birth came back', nowMs),
      noted(registeredNote(attempt, area, nowMs - this.#openedAtMs)),
      { type: 'registered' },
    ];
  }

  #onFinding(finding: LifeFinding, nowMs: number): Effects {
    const state = this.#state;
    if (finding === 'nothing' || !hasAttempt(state)) return nothing;
    const { gateway, path } = state.attempt;
    if (finding === 'stranger') {
      return cloneAlarm(gateway.id, 'another run publishes on our life topic');
    }
    const text = `what we publish over ${path.uplink} no longer comes back`;
    const retry = this.#plan.afterSilence(path.uplink);
    return this.#finish({ code: 'ELIFE_ECHO', text }, retry, 'drop', nowMs);
  }

  #onClosed(ending: Ending, nowMs: number): Effects {
    if (this.#state.name === 'leaving') return this.#hangUp(nowMs);
    return hasAttempt(this.#state) ? this.#abandon(ending, undefined, nowMs) : nothing;
  }

  /** The attempt or registration ended in a way that speaks about the gateway. */
  #abandon(ending: Ending, how: CloseHow, nowMs: number): Effects {
    const state = this.#state;
    assert(hasAttempt(state), 'only an attempt can be abandoned');
    const wasStable = state.name === 'registered' && this.#timers.at('stable') === undefined;
    const retry = this.#plan.afterEnding(state, ending, wasStable, nowMs);
    return this.#finish(ending, retry, how, nowMs);
  }

  #finish(ending: Ending, retry: Retry, how: CloseHow, nowMs: number): Effects {
    const state = this.#state;
    assert(hasAttempt(state), 'only an attempt can end');
    const { delayMs, mayHurry } = retry;
    if (ending.reasonCode === undefined) this.#plan.leftOpen(state.attempt, nowMs);
    this.#lastEnding = ending;
    this.#timers.clearAll();
    this.#timers.set('retry', nowMs + delayMs);
    this.#life.end();
    return [
      ...(how === undefined ? nothing : [{ type: 'closeAccess', how } as const]),
      ...this.#become({ name: 'waiting', mayHurry }, ending.code, nowMs),
      ...retry.effects,
      noted(endingNote(state, ending, delayMs)),
    ];
  }

  #leave(nowMs: number): Effects {
    if (this.#state.name === 'leaving' || this.#state.name === 'left') return nothing;
    this.#timers.clearAll();
    if (!isOpen(this.#state)) return this.#hangUp(nowMs);
    this.#life.end();
    const { publishId, effects } = this.#life.sayBye();
    this.#timers.set('goodbye', nowMs + GOODBYE_MS);
    return [
      ...effects,
      ...this.#become({ name: 'leaving', byeId: publishId }, 'asked to leave', nowMs),
    ];
  }

  #hangUp(nowMs: number): Effects {
    this.#timers.clearAll();
    const isOn = hasAttempt(this.#state) || this.#state.name === 'leaving';
    return [
      ...(isOn ? [{ type: 'closeAccess', how: 'bye' } as const] : nothing),
      ...this.#become({ name: 'left' }, 'said goodbye', nowMs),
      { type: 'left' },
    ];
  }
}
