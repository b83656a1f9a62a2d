/**
 * How a device without a certificate gets one: its factory secret is exchanged, once, for a certificate.
 *
 * The key pair is made here and the private half stays. A gateway of the pinned CA answers the request with a nonce;
 * the board's MCU vouches for nonce and request with the factory key, which nobody ever reads; the gateway answers
 * with a certificate. A gateway that fails or refuses is followed by the next, with growing pauses: a refusal is put
 * right by people, and the device must still be asking when they have.
 */
import { Backoff } from '../../firmware-shim/base/backoff.ts';
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { GatewayAddress } from '../model/config.ts';
import type { IdentityNote } from '../model/notes/identity-note.ts';
import type { EnrolmentSnapshot } from '../model/snapshot.ts';
import { encodeJson } from './encode-json.ts';
import type {
  EnrolmentEffect,
  EnrolmentEvent,
  EnrolmentPath,
  Failing,
} from './enrolment-events.ts';
import { KEYLESS, NOWHERE, notTaken } from './enrolment-obstacles.ts';
import { EnrolmentWalk } from './enrolment-walk.ts';
import type { IdentityAnswer, IdentityAsk } from './identity-payloads.ts';
import { publishIdOf } from './publish-lane.ts';
import { topicsOf } from './topics.ts';

/** Each step, TLS and the board's answer among them, is over by then. */
const STEP_MS = 10_000;
/** A message that waited longer belongs to an attempt nobody remembers. */
const EXPIRY_S = 30;
/** What may pass by itself. */
const ORDINARY = { floorMs: 500, baseMs: 2_000, ceilingMs: 60_000 };
/** What people put right: minutes are soon enough, and a thousand refused boxes load nobody. */
const SLOW = { floorMs: 60_000, baseMs: 120_000, ceilingMs: 600_000 };
/** Refusals that pass by themselves. */
const PASSING: readonly string[] = ['EENROL_BUSY', 'EENROL_CHALLENGE'];

export interface EnrolmentOptions {
  readonly tenant: string;
  readonly gateways: readonly GatewayAddress[];
  readonly random: Random;
}

type Step = 'connecting' | 'asking' | 'proving' | 'claiming' | 'keeping';
type State =
  | { readonly name: 'awaitingBoard' }
  | { readonly name: 'preparing'; readonly serialNumber: string }
  | { readonly name: 'waiting'; readonly serialNumber: string }
  | {
      readonly name: Step;
      readonly serialNumber: string;
      readonly request: string;
      readonly gateway: string;
      readonly path: EnrolmentPath;
    }
  | { readonly name: 'enrolled' };
type Attempt = Extract<State, { readonly name: Step }>;
type Effects = readonly EnrolmentEffect[];

export class Enrolment implements Core<EnrolmentEvent, EnrolmentEffect> {
  readonly #options: EnrolmentOptions;
  readonly #walk: EnrolmentWalk;
  readonly #timers = new Timers<'step' | 'retry'>();
  readonly #ordinary: Backoff;
  readonly #slow: Backoff;
  #state: State = { name: 'awaitingBoard' };
  #sinceMs = 0;
  #startedAtMs = 0;
  #published = 0;
  #lastError: Failing | undefined;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
    this.#walk = new EnrolmentWalk(options.gateways);
    this.#ordinary = new Backoff(ORDINARY, options.random);
    this.#slow = new Backoff(SLOW, options.random);
  }

  handle(event: EnrolmentEvent, nowMs: number): Effects {
    const state = this.#state;
    switch (event.type) {
      case 'boardMet':
        return state.name === 'awaitingBoard' ? this.#met(event, nowMs) : nothing;
      case 'pathsChanged':
        return this.#newPaths(event.paths, nowMs);
      case 'requestMade':
        return state.name === 'preparing'
          ? this.#connect(state.serialNumber, event.request, nowMs)
          : nothing;
      case 'channelOpened':
        return state.name === 'connecting' ? this.#ask(state, nowMs) : nothing;
      case 'identityAnswered':
        // Nobody keeps an answer for us: a retained one is somebody's trick or mistake.
        return isAttempt(state) && !event.retained
          ? this.#answered(state, event.answer, nowMs)
          : nothing;
      case 'proofMade':
        return state.name === 'proving' ? this.#prove(state, event.proof, nowMs) : nothing;
      case 'pairKept':
        return state.name === 'keeping' ? this.#enrolled(state, nowMs) : nothing;
      case 'workFailed':
        return this.#workFailed(event, nowMs);
      case 'channelClosed':
        return isTalking(state) ? this.#retry(state, event, undefined, nowMs) : nothing;
      case 'publishAcknowledged':
        return isTalking(state) && event.reasonCode >= 0x80
          ? this.#retry(state, notTaken(event.reasonCode), 'drop', nowMs)
          : nothing;
      case 'messageRefused': {
        const { code, sentence } = event.refusal;
        const failing = { code, text: `an answer cannot be read: ${sentence}` };
        return isTalking(state) ? this.#retry(state, failing, 'drop', nowMs) : nothing;
      }
    }
  }

  tick(nowMs: number): Effects {
    const state = this.#state;
    if (this.#timers.take('retry', nowMs) && state.name === 'waiting') {
      return this.#prepare(state.serialNumber, nowMs);
    }
    if (!this.#timers.take('step', nowMs)) return nothing;
    const failing = { code: 'ETIMEOUT', text: `${state.name} took over ${STEP_MS} ms` };
    return this.#workFailed(failing, nowMs);
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** How far it is, and what stopped it last. */
  snapshot(): EnrolmentSnapshot {
    const state = this.#state;
    const retryAtMs = this.#timers.at('retry');
    return {
      state: state.name,
      sinceMs: this.#sinceMs,
      attempts: this.#walk.attempts,
      ...('serialNumber' in state && { serialNumber: state.serialNumber }),
      ...(isAttempt(state) && { gateway: state.gateway }),
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
      ...(retryAtMs !== undefined && { retryAtMs }),
    };
  }

  #met(event: Extract<EnrolmentEvent, { readonly type: 'boardMet' }>, nowMs: number): Effects {
    const { serialNumber, canProve } = event;
    const obstacle = canProve ? NOWHERE : KEYLESS;
    if (!canProve || this.#walk.isEmpty) {
      this.#lastError = obstacle;
      const { code: reason, text: because } = obstacle;
      return [noted({ code: 'enrolmentImpossible', level: 'error', reason, because })];
    }
    this.#startedAtMs = nowMs;
    this.#lastError = undefined;
    return [
      noted({ code: 'enrolmentStarted', level: 'notice', serialNumber }),
      ...this.#prepare(serialNumber, nowMs),
    ];
  }

  #prepare(serialNumber: string, nowMs: number): Effects {
    this.#become({ name: 'preparing', serialNumber }, nowMs);
    return [{ type: 'makeRequest', serialNumber }];
  }

  /** Another way is tried at once, whatever the pause; an attempt over a way that stays goes on. */
  #newPaths(paths: readonly EnrolmentPath[], nowMs: number): Effects {
    const state = this.#state;
    this.#walk.take(paths);
    if (state.name !== 'waiting' && !isTalking(state)) return nothing;
    if (isTalking(state) && this.#walk.has(state.path)) return nothing;
    this.#ordinary.reset();
    const former = isTalking(state) ? [{ type: 'closeAccess', how: 'drop' } as const] : nothing;
    return [...former, ...this.#prepare(state.serialNumber, nowMs)];
  }

  #connect(serialNumber: string, request: string, nowMs: number): Effects {
    const next = this.#walk.next();
    if (next === undefined) return nothing;
    const { target, path } = next;
    const { gateway } = target;
    this.#become({ name: 'connecting', serialNumber, request, gateway, path }, nowMs);
    return [{ type: 'openEnrolment', target, serialNumber }];
  }

  #ask(state: Attempt, nowMs: number): Effects {
    this.#become({ ...state, name: 'asking' }, nowMs);
    const { identityAnswer } = topicsOf(this.#options.tenant, state.serialNumber);
    return [
      { type: 'gatewayReached', uplink: state.path?.uplink },
      { type: 'subscribe', topics: [identityAnswer] },
      this.#say(state, { v: 1, kind: 'enrol', request: state.request }),
    ];
  }

  #answered(state: Attempt, answer: IdentityAnswer, nowMs: number): Effects {
    if (answer.kind === 'refused') {
      const { code, sentence: text } = answer;
      return isTalking(state) ? this.#retry(state, { code, text }, 'bye', nowMs) : nothing;
    }
    const { serialNumber, request } = state;
    if (answer.kind === 'challenge' && state.name === 'asking') {
      this.#become({ ...state, name: 'proving' }, nowMs);
      return [{ type: 'askProof', serialNumber, nonce: answer.nonce, request }];
    }
    if (answer.kind !== 'issued' || state.name !== 'claiming') return nothing;
    this.#become({ ...state, name: 'keeping' }, nowMs);
    const { certificate } = answer;
    return [
      { type: 'closeAccess', how: 'bye' },
      { type: 'keepPair', serialNumber, certificate },
    ];
  }

  #prove(state: Attempt, proof: string, nowMs: number): Effects {
    this.#become({ ...state, name: 'claiming' }, nowMs);
    return [this.#say(state, { v: 1, kind: 'prove', proof })];
  }

  #enrolled({ serialNumber, gateway }: Attempt, nowMs: number): Effects {
    this.#become({ name: 'enrolled' }, nowMs);
    const afterMs = nowMs - this.#startedAtMs;
    return [
      noted({ code: 'enrolled', level: 'notice', serialNumber, gateway, afterMs }),
      { type: 'enrolled' },
    ];
  }

  #workFailed(failing: Failing, nowMs: number): Effects {
    const state = this.#state;
    if (isAttempt(state)) {
      return this.#retry(state, failing, state.name === 'keeping' ? undefined : 'drop', nowMs);
    }
    if (state.name !== 'preparing') return nothing;
    return this.#retry({ ...state, gateway: '(none yet)' }, failing, undefined, nowMs);
  }

  #retry(
    { serialNumber, gateway }: Pick<Attempt, 'serialNumber' | 'gateway'>,
    { code, text }: Failing,
    how: 'bye' | 'drop' | undefined,
    nowMs: number,
  ): Effects {
    const isSlow = code.startsWith('EENROL_') && !PASSING.includes(code);
    const retryInMs = (isSlow ? this.#slow : this.#ordinary).nextDelayMs();
    this.#become({ name: 'waiting', serialNumber }, nowMs);
    this.#timers.set('retry', nowMs + retryInMs);
    this.#lastError = { code, text };
    const why = { gateway, reason: code, because: text, retryInMs };
    return [
      ...(how === undefined ? nothing : [{ type: 'closeAccess', how } as const]),
      noted({ code: 'enrolmentFailed', level: 'warning', ...why }),
    ];
  }

  #say({ serialNumber }: Attempt, ask: IdentityAsk): EnrolmentEffect {
    const { identityAsk } = topicsOf(this.#options.tenant, serialNumber);
    const publishId = publishIdOf('identity', this.#published);
    this.#published += 1;
    const how = { qos: 1, retain: false, expiryS: EXPIRY_S } as const;
    return {
      type: 'publish',
      message: { publishId, topic: identityAsk, payload: encodeJson(ask), ...how },
    };
  }

  #become(next: State, nowMs: number): void {
    this.#state = next;
    this.#sinceMs = nowMs;
    this.#timers.clearAll();
    if (isAttempt(next) || next.name === 'preparing') this.#timers.set('step', nowMs + STEP_MS);
  }
}

function isAttempt(state: State): state is Attempt {
  return 'gateway' in state;
}

/** A connection is open or being opened. */
function isTalking(state: State): state is Attempt {
  return isAttempt(state) && state.name !== 'keeping';
}

function noted(note: IdentityNote): EnrolmentEffect {
  return { type: 'noted', note };
}
