/**
 * Keeps this device's certificate alive: asks for the next one at two thirds of its life, tries it, and keeps the old
 * one until a gateway has accepted the new.
 *
 * While there are two pairs the newer is shown first. A gateway that does not want it, or three attempts in a row that
 * fail for whatever reason, bring the other one back, and so on in turn: whatever is wrong with one pair, the other is
 * never locked out. When renewal does not succeed people are told 30, 14, 7 and 1 days before the end; once every pair
 * has ended the device asks as a new one would, with its factory key, for as long as it takes.
 */
import { Backoff } from '../../firmware-shim/base/backoff.ts';
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { IdentityWork, PairFacts } from '../model/certificate.ts';
import type { IdentityNote } from '../model/notes/identity-note.ts';
import { encodeJson } from './encode-json.ts';
import type { Failing } from './enrolment-events.ts';
import type { IdentityAsk } from './identity-payloads.ts';
import { publishIdOf } from './publish-lane.ts';
import type { RenewalEffect, RenewalEvent } from './renewal-events.ts';
import { topicsOf } from './topics.ts';

const DAY_MS = 86_400_000;
/** Due at two thirds of life, and up to a twelfth later, so that a fleet of one birthday does not ask at once. */
const DUE_PART = 2 / 3;
const JITTER_PART = 1 / 12;
/** People are told so many days before the end, if renewal was due by then. */
const ALARM_DAYS = [30, 14, 7, 1] as const;
const URGENT_DAYS = 7;
const RETRY = { floorMs: 60_000, baseMs: 300_000, ceilingMs: 3_600_000 };
/** Desk, signature and two messages. */
const ANSWER_MS = 30_000;
const EXPIRY_S = 30;
/** A machine may sleep or its time be corrected: nobody waits longer than this without looking. */
const LOOK_MS = 21_600_000;
/** Attempts in a row that say nothing about us may still be about us. */
const FAILURES_MAX = 3;
/** A new pair that was passed over is tried again after this, so often, and then given up. */
const RETRIAL_MS = 3_600_000;
const TRIALS_MAX = 3;
/** The gateway speaks about our certificate (MQTT 5, 2.4: not authorised, banned, bad authentication). */
const ABOUT_US: readonly string[] = [
  'ETLS_REFUSED',
  'EMQTT_0x86',
  'EMQTT_0x87',
  'EMQTT_0x8a',
  'EMQTT_0x8c',
];

export interface RenewalOptions {
  readonly tenant: string;
  readonly serialNumber: string;
  /** Newest first, at least one; the first is shown. */
  readonly pairs: readonly PairFacts[];
  /** False for a certificate its owner gave: then only alarms are raised. */
  readonly renews: boolean;
  readonly random: Random;
}

type Step = 'idle' | 'preparing' | 'asking' | 'keeping' | 'enrolling';
type Timer = 'look' | 'retry' | 'answer' | 'retrial';
type Effects = readonly RenewalEffect[];

export class Renewal implements Core<RenewalEvent, RenewalEffect> {
  readonly #options: RenewalOptions;
  readonly #timers = new Timers<Timer>();
  readonly #backoff: Backoff;
  #pairs: readonly PairFacts[];
  /** Index into `#pairs` of the one that is shown. */
  #shown = 0;
  #step: Step = 'idle';
  #isRegistered = false;
  #clock: { readonly wallMs: number; readonly atMs: number } | undefined;
  #dueMs: number;
  #alarmedDays = Number.POSITIVE_INFINITY;
  #failures = 0;
  #trials = 0;
  #published = 0;

  constructor(options: RenewalOptions) {
    this.#options = options;
    this.#pairs = options.pairs;
    this.#backoff = new Backoff(RETRY, options.random);
    this.#dueMs = this.#drawDue();
  }

  get pairs(): readonly PairFacts[] {
    return this.#pairs;
  }

  handle(event: RenewalEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'timeTold':
        this.#clock = { wallMs: event.wallMs, atMs: nowMs };
        return this.#look(nowMs);
      case 'registered':
        return this.#registered(nowMs);
      case 'channelClosed':
        return this.#closed(event.code, nowMs);
      case 'requestMade':
        return this.#step === 'preparing' ? this.#ask(event.request, nowMs) : nothing;
      case 'identityAnswered': {
        const { answer, retained } = event;
        if (this.#step !== 'asking' || retained) return nothing;
        if (answer.kind === 'refused') {
          return this.#failed({ code: answer.code, text: answer.sentence }, nowMs);
        }
        if (answer.kind !== 'issued') return nothing;
        this.#become('keeping');
        return [work({ what: 'keepPair', certificate: answer.certificate })];
      }
      case 'pairKept':
        return ['keeping', 'enrolling'].includes(this.#step)
          ? this.#kept(event.pair, nowMs)
          : nothing;
      case 'workFailed':
        return this.#step === 'idle' ? nothing : this.#failed(event, nowMs);
    }
  }

  tick(nowMs: number): Effects {
    const effects: RenewalEffect[] = [];
    if (this.#timers.take('answer', nowMs)) {
      effects.push(...this.#failed({ code: 'ETIMEOUT', text: 'no answer in time' }, nowMs));
    }
    if (this.#timers.take('retrial', nowMs) && this.#pairs.length > 1 && this.#shown > 0) {
      effects.push(...this.#show(0), { type: 'closeAccess', how: 'bye' });
    }
    const isDue = [this.#timers.take('retry', nowMs), this.#timers.take('look', nowMs)];
    if (isDue.includes(true)) effects.push(...this.#look(nowMs));
    return effects;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** Renews what is due and tells what is late; then waits for whatever comes next. */
  #look(nowMs: number): Effects {
    const wallMs = this.#wallMs(nowMs);
    const [newest] = this.#pairs;
    if (wallMs === undefined || newest === undefined) return nothing;
    const comes = [this.#dueMs, newest.endMs].map((atMs) => atMs - wallMs).filter((ms) => ms > 0);
    this.#timers.set('look', nowMs + Math.min(LOOK_MS, ...comes));
    const alarms = this.#alarms(newest, wallMs);
    const waits = this.#step !== 'idle' || this.#timers.at('retry') !== undefined;
    if (!this.#options.renews || waits || wallMs < this.#dueMs) return alarms;
    if (!this.#isRegistered && this.#pairs.every(({ endMs }) => endMs <= wallMs)) {
      this.#become('enrolling');
      return [...alarms, work({ what: 'enrol' })];
    }
    if (this.#pairs.length > 1 || !this.#isRegistered) return alarms;
    this.#become('preparing');
    return [...alarms, work({ what: 'makeRequest' })];
  }

  #alarms({ endMs }: PairFacts, wallMs: number): readonly RenewalEffect[] {
    const leftMs = endMs - wallMs;
    const lateMs = endMs - this.#dueMs;
    const days = ALARM_DAYS.findLast((each) => leftMs <= each * DAY_MS && each * DAY_MS < lateMs);
    const crossed = leftMs <= 0 ? 0 : days;
    if (crossed === undefined || crossed >= this.#alarmedDays) return nothing;
    this.#alarmedDays = crossed;
    if (crossed === 0) return [noted({ code: 'certificateEnded', level: 'error' })];
    const level = crossed <= URGENT_DAYS ? 'error' : 'warning';
    return [noted({ code: 'certificateEndsSoon', level, days: crossed })];
  }

  #ask(request: string, nowMs: number): Effects {
    this.#become('asking');
    this.#timers.set('answer', nowMs + ANSWER_MS);
    const { tenant, serialNumber } = this.#options;
    const { identityAsk, identityAnswer } = topicsOf(tenant, serialNumber);
    const publishId = publishIdOf('identity', this.#published);
    this.#published += 1;
    const ask: IdentityAsk = { v: 1, kind: 'renew', request };
    const how = { qos: 1, retain: false, expiryS: EXPIRY_S } as const;
    const message = { publishId, topic: identityAsk, payload: encodeJson(ask), ...how };
    return [
      { type: 'subscribe', topics: [identityAnswer] },
      { type: 'publish', message },
    ];
  }

  #kept(pair: PairFacts, nowMs: number): Effects {
    this.#become('idle');
    this.#backoff.reset();
    const { generation } = pair;
    const [old] = this.#pairs;
    this.#pairs = old === undefined ? [pair] : [pair, old];
    this.#trials = 0;
    this.#dueMs = this.#drawDue();
    this.#alarmedDays = Number.POSITIVE_INFINITY;
    return [
      noted({ code: 'certificateRenewed', level: 'notice', generation, endMs: pair.endMs }),
      ...this.#show(0),
      ...this.#look(nowMs),
      // The next connection shows it; until then nothing is proved.
      { type: 'closeAccess', how: 'bye' },
    ];
  }

  #failed({ code, text }: Failing, nowMs: number): Effects {
    this.#become('idle');
    const retryInMs = this.#backoff.nextDelayMs();
    this.#timers.set('retry', nowMs + retryInMs);
    const why = { reason: code, because: text, retryInMs };
    return [noted({ code: 'renewalFailed', level: 'warning', ...why })];
  }

  #registered(nowMs: number): Effects {
    this.#isRegistered = true;
    this.#failures = 0;
    if (this.#step === 'enrolling') {
      // A gateway takes us after all: its word goes before our clock's.
      this.#become('idle');
      return [work({ what: 'leaveEnrolment' }), ...this.#registered(nowMs)];
    }
    const [newest, old] = this.#pairs;
    if (newest === undefined || old === undefined) return this.#look(nowMs);
    const { generation } = newest;
    if (this.#shown === 0) {
      this.#pairs = [newest];
      this.#timers.clear('retrial');
      return [
        noted({ code: 'certificateProved', level: 'notice', generation }),
        work({ what: 'provePair', generation }),
        ...this.#look(nowMs),
      ];
    }
    this.#trials += 1;
    if (this.#trials < TRIALS_MAX) {
      this.#timers.set('retrial', nowMs + RETRIAL_MS);
      return nothing;
    }
    this.#pairs = [old];
    this.#shown = 0;
    this.#dueMs = this.#drawDue();
    const text = `no gateway accepted pair ${generation}`;
    return [
      work({ what: 'discardPair', generation }),
      ...this.#failed({ code: 'EIDENTITY_UNPROVED', text }, nowMs),
    ];
  }

  #closed(code: string, nowMs: number): Effects {
    this.#isRegistered = false;
    const given =
      this.#step === 'asking' || this.#step === 'preparing'
        ? this.#failed({ code, text: 'the connection ended first' }, nowMs)
        : nothing;
    const seen = [...given, ...this.#look(nowMs)];
    if (this.#pairs.length < 2 || code === 'EBYE') return seen;
    this.#failures += 1;
    if (!ABOUT_US.includes(code) && this.#failures < FAILURES_MAX) return seen;
    return [...seen, ...this.#show(1 - this.#shown)];
  }

  #show(index: number): Effects {
    const pair = this.#pairs[index];
    if (pair === undefined) return nothing;
    this.#shown = index;
    this.#failures = 0;
    return [work({ what: 'usePair', generation: pair.generation })];
  }

  #become(step: Step): void {
    this.#step = step;
    this.#timers.clear('answer');
  }

  #drawDue(): number {
    const [newest] = this.#pairs;
    if (newest === undefined) return Number.POSITIVE_INFINITY;
    const lifeMs = newest.endMs - newest.fromMs;
    return newest.fromMs + lifeMs * (DUE_PART + JITTER_PART * this.#options.random.next());
  }

  #wallMs(nowMs: number): number | undefined {
    return this.#clock && this.#clock.wallMs + nowMs - this.#clock.atMs;
  }
}

function work(given: IdentityWork): RenewalEffect {
  return { type: 'identityWork', work: given };
}

function noted(note: IdentityNote): RenewalEffect {
  return { type: 'noted', note };
}
