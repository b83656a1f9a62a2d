/**
 * Moves the registration to another access point without a gap (UpdateSmartAGAccessPoint): a second registration is
 * made beside the first, and only when birth has come back over it does the first say goodbye.
 *
 * Both are the same core on a channel of its own. Whatever goes wrong with the second leaves the first untouched; when
 * the first is lost meanwhile, the second is simply what is left.
 */
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { RegistrationSnapshot } from '../model/snapshot.ts';
import type { AccessSlot } from '../ports.ts';
import { BD_SEQ_KEY } from './life-line.ts';
import { Registration, type RegistrationOptions } from './registration.ts';
import type { RegistrationEffect, RegistrationEvent } from './registration-events.ts';

/** TCP, TLS, CONNACK, birth and its echo, each as slow as an attempt may be. */
const SWITCH_MS = 20_000;
/** Session taken over: between two brokers of one cluster this is our own second connection. */
const TAKEN_OVER = 0x8e;

/** Absent: the channel in use. */
export type SlottedEffect<Effect> = Effect & { readonly slot?: AccessSlot };
export type AccessSwitchEvent =
  | (RegistrationEvent & { readonly slot?: AccessSlot })
  | {
      readonly type: 'accessPointSwitchRequested';
      readonly requestId: string;
      readonly accessPoint: string;
    };

/** What became of something a command had asked for. */
export interface ActionAnswered {
  readonly type: 'actionAnswered';
  readonly requestId: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly because: string;
}

export type AccessSwitchEffect =
  | SlottedEffect<RegistrationEffect>
  | { readonly type: 'accessPromoted'; readonly slot: AccessSlot }
  | ActionAnswered;

type Effects = readonly AccessSwitchEffect[];

interface Beside {
  readonly registration: Registration;
  readonly requestId: string;
  readonly accessPoint: string;
}

export class AccessSwitch implements Core<AccessSwitchEvent, AccessSwitchEffect> {
  readonly #options: RegistrationOptions;
  readonly #timers = new Timers<'switch'>();
  /** What a registration must have heard before it can begin, the newest of each. */
  readonly #facts = new Map<string, RegistrationEvent>();
  #inUse: Registration;
  #slot: AccessSlot = 0;
  #beside: Beside | undefined;
  #leaving: Registration | undefined;
  #order: readonly string[] = [];
  /** Somebody decided: it stays the first of the order. */
  #chosen: string | undefined;
  #bdSeq: number | undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#inUse = new Registration(options);
  }

  handle(event: AccessSwitchEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'accessPointSwitchRequested':
        return this.#onRequest(event.requestId, event.accessPoint, nowMs);
      case 'channelOpened':
      case 'channelClosed':
      case 'publishAcknowledged':
      case 'lifeReceived':
      case 'rebirthRequested':
        return this.#fromChannel(event, nowMs);
      case 'accessPointsRanked':
        this.#order = event.order;
        return this.#tellInUse(this.#ranked(), nowMs);
      case 'leaveRequested':
        return [...this.#abandon('the agent leaves', nowMs), ...this.#tellInUse(event, nowMs)];
      case 'restored':
        this.#bdSeq = event.bdSeq;
        return this.#tellInUse(event, nowMs);
      default:
        this.#remember(event);
        return [...this.#tellInUse(event, nowMs), ...this.#tellBeside(event, nowMs)];
    }
  }

  tick(nowMs: number): Effects {
    const late = this.#timers.take('switch', nowMs);
    return [
      ...this.#fromInUse(this.#inUse.tick(nowMs)),
      ...(late ? this.#abandon('it did not answer in time', nowMs) : nothing),
      ...this.#fromBeside(this.#beside?.registration.tick(nowMs) ?? nothing, nowMs),
      ...this.#fromLeaving(this.#leaving?.tick(nowMs) ?? nothing),
    ];
  }

  deadline(): Deadline | undefined {
    const others = [this.#beside?.registration, this.#leaving].map((each) => each?.deadline());
    return others.reduce(earlier, earlier(this.#timers.deadline(), this.#inUse.deadline()));
  }

  snapshot(): RegistrationSnapshot {
    return this.#inUse.snapshot();
  }

  #ranked(): RegistrationEvent {
    const chosen = this.#order.filter((id) => id === this.#chosen);
    const others = this.#order.filter((id) => id !== this.#chosen);
    return { type: 'accessPointsRanked', order: [...chosen, ...others] };
  }

  #remember(event: RegistrationEvent): void {
    const key = event.type === 'uplinkChanged' ? `${event.type} ${event.uplink}` : event.type;
    if (event.type !== 'uplinkDoubted') this.#facts.set(key, event);
  }

  #onRequest(requestId: string, accessPoint: string, nowMs: number): Effects {
    const { state, gateway } = this.#inUse.snapshot();
    const refuse = (code: string, because: string): Effects => [
      { type: 'actionAnswered', requestId, ok: false, code, because },
    ];
    if (!this.#order.includes(accessPoint)) {
      return refuse('AccessPointInvalid', `${accessPoint} is no access point of this area`);
    }
    if (this.#beside !== undefined || this.#leaving !== undefined) {
      return refuse('ResourceInOperating', 'another switch is under way');
    }
    if (state !== 'registered') {
      return refuse('SmartAccessGatewayNotOnline', 'this device is not registered at present');
    }
    this.#chosen = accessPoint;
    if (gateway === accessPoint) {
      const because = `already registered with ${accessPoint}`;
      return [{ type: 'actionAnswered', requestId, ok: true, because }];
    }
    return this.#begin({ requestId, accessPoint }, nowMs);
  }

  #begin(request: Omit<Beside, 'registration'>, nowMs: number): Effects {
    const registration = new Registration(this.#options);
    this.#beside = { ...request, registration };
    this.#timers.set('switch', nowMs + SWITCH_MS);
    const first: readonly RegistrationEvent[] = [
      { type: 'restored', bdSeq: this.#bdSeq },
      ...this.#facts.values(),
      { type: 'accessPointsRanked', order: [request.accessPoint] },
    ];
    return first.flatMap((event) => this.#tellBeside(event, nowMs));
  }

  #fromChannel(event: Extract<AccessSwitchEvent, { readonly slot?: AccessSlot }>, nowMs: number) {
    const { slot = this.#slot } = event;
    if (slot === this.#slot) return this.#tellInUse(this.#ownTakeover(event), nowMs);
    if (this.#beside !== undefined) return this.#tellBeside(event, nowMs);
    return this.#fromLeaving(this.#leaving?.handle(event, nowMs) ?? nothing);
  }

  /** While a second connection is made, the first may be taken over by it: no clone, and no alarm. */
  #ownTakeover(event: RegistrationEvent): RegistrationEvent {
    const isOurs = this.#beside !== undefined && event.type === 'channelClosed';
    if (!isOurs || event.reasonCode !== TAKEN_OVER) return event;
    return { type: 'channelClosed', code: 'EMOVED', text: 'our second connection took over' };
  }

  #tellInUse(event: RegistrationEvent, nowMs: number): Effects {
    return this.#fromInUse(this.#inUse.handle(event, nowMs));
  }

  #tellBeside(event: RegistrationEvent, nowMs: number): Effects {
    return this.#fromBeside(this.#beside?.registration.handle(event, nowMs) ?? nothing, nowMs);
  }

  #fromInUse(effects: readonly RegistrationEffect[]): Effects {
    this.#count(effects);
    return effects;
  }

  #fromBeside(effects: readonly RegistrationEffect[], nowMs: number): Effects {
    const beside = this.#beside;
    if (beside === undefined) return nothing;
    this.#count(effects);
    const told = slotted(effects, other(this.#slot));
    if (effects.some(({ type }) => type === 'registered')) {
      return [...told, ...this.#promote(beside, nowMs)];
    }
    const { state, lastError } = beside.registration.snapshot();
    if (state !== 'waiting' || lastError === undefined) return told;
    return [...told, ...this.#abandon(`${lastError.code}: ${lastError.text}`, nowMs)];
  }

  #fromLeaving(effects: readonly RegistrationEffect[]): Effects {
    if (effects.some(({ type }) => type === 'left')) this.#leaving = undefined;
    return slotted(effects, other(this.#slot));
  }

  /** Each CONNECT takes the next number, whichever registration makes it. */
  #count(effects: readonly RegistrationEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'storePut' && effect.key === BD_SEQ_KEY)
        this.#bdSeq = Number(effect.value);
    }
  }

  #promote({ registration, requestId, accessPoint }: Beside, nowMs: number): Effects {
    const former = this.#inUse;
    this.#beside = undefined;
    this.#timers.clear('switch');
    this.#inUse = registration;
    this.#slot = other(this.#slot);
    this.#leaving = former;
    const because = `registered with ${accessPoint}`;
    return [
      { type: 'accessPromoted', slot: this.#slot },
      { type: 'registrationEnded' },
      { type: 'registered' },
      ...this.#fromLeaving(former.handle({ type: 'leaveRequested' }, nowMs)),
      ...this.#tellInUse(this.#ranked(), nowMs),
      { type: 'actionAnswered', requestId, ok: true, because },
    ];
  }

  /** The second is given up; its goodbye matters to nobody. */
  #abandon(because: string, nowMs: number): Effects {
    const beside = this.#beside;
    if (beside === undefined) return nothing;
    this.#beside = undefined;
    this.#chosen = undefined;
    this.#timers.clear('switch');
    const { requestId, accessPoint } = beside;
    const sentence = `${accessPoint}: ${because}; still at the former access point`;
    return [
      ...slotted(beside.registration.handle({ type: 'leaveRequested' }, nowMs), other(this.#slot)),
      { type: 'closeAccess', how: 'drop', slot: other(this.#slot) },
      { type: 'actionAnswered', requestId, ok: false, code: 'EACCESS_SWITCH', because: sentence },
    ];
  }
}

/** Of a registration that is not in use: what goes over its own channel, is kept or is noted, and nothing else. */
function slotted(effects: readonly RegistrationEffect[], slot: AccessSlot): Effects {
  return effects.flatMap((effect): Effects => {
    switch (effect.type) {
      case 'openAccess':
      case 'publish':
      case 'subscribe':
      case 'closeAccess':
        return [{ ...effect, slot }];
      case 'storePut':
      case 'noted':
      case 'identityMisused':
        return [effect];
      default:
        return nothing;
    }
  });
}

function other(slot: AccessSlot): AccessSlot {
  return slot === 0 ? 1 : 0;
}
