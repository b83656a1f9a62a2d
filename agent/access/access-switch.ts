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
import { AccessChoice } from './access-choice.ts';
import {
  type AccessSwitchEffect,
  type AccessSwitchEvent,
  other,
  slotted,
} from './access-switch-events.ts';
import { BD_SEQ_KEY } from './life-line.ts';
import { Registration, type RegistrationOptions } from './registration.ts';
import type { RegistrationEffect, RegistrationEvent } from './registration-events.ts';

/** TCP, TLS, CONNACK, birth and its echo, each as slow as an attempt may be. */
const SWITCH_MS = 20_000;
/** Session taken over: between two brokers of one cluster this is our own second connection. */
const TAKEN_OVER = 0x8e;
/** How often one that was decided for and cannot be had is tried again: as often as distances are measured. */
const RETURN_MS = 600_000;

type Effects = readonly AccessSwitchEffect[];

interface Beside {
  readonly registration: Registration;
  /** Absent: the document wants it. */
  readonly requestId?: string;
  readonly accessPoint: string;
}

export class AccessSwitch implements Core<AccessSwitchEvent, AccessSwitchEffect> {
  readonly #options: RegistrationOptions;
  readonly #timers = new Timers<'switch' | 'return'>();
  /** What a registration must have heard before it can begin, the newest of each. */
  readonly #facts = new Map<string, RegistrationEvent>();
  #inUse: Registration;
  #slot: AccessSlot = 0;
  #beside: Beside | undefined;
  #leaving: Registration | undefined;
  #order: readonly string[] = [];
  /** Stays the first of the order. */
  readonly #choice = new AccessChoice();
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
        return [...this.#tellInUse(this.#ranked(), nowMs), ...this.#follow(nowMs)];
      case 'accessPointChosen': {
        const kept = this.#choice.desired(event.accessPoint);
        if (this.#order.length === 0) return kept;
        return [...kept, ...this.#tellInUse(this.#ranked(), nowMs), ...this.#follow(nowMs)];
      }
      case 'leaveRequested':
        return [...this.#abandon('the agent leaves', nowMs), ...this.#tellInUse(event, nowMs)];
      case 'restored':
        this.#bdSeq = event.bdSeq;
        return [...this.#choice.restored(event.choice), ...this.#tellInUse(event, nowMs)];
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
      ...(this.#timers.take('return', nowMs) ? this.#follow(nowMs) : nothing),
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
    const { accessPoint } = this.#choice;
    const chosen = this.#order.filter((id) => id === accessPoint);
    const others = this.#order.filter((id) => id !== accessPoint);
    return { type: 'accessPointsRanked', order: [...chosen, ...others] };
  }

  /** Registered, but not where somebody decided, or where no document wants us: tried now, and then now and again. */
  #follow(nowMs: number): Effects {
    const { state, gateway = '' } = this.#inUse.snapshot();
    const { accessPoint = '' } = this.#choice;
    const stays = this.#order.includes(gateway) ? gateway : this.#order[0];
    const wanted = this.#order.includes(accessPoint) ? accessPoint : stays;
    this.#timers.arrange('return', wanted === gateway ? undefined : nowMs + RETURN_MS);
    if (wanted === undefined || wanted === gateway || state !== 'registered') return nothing;
    const isFree = this.#beside === undefined && this.#leaving === undefined;
    return isFree ? this.#begin({ accessPoint: wanted }, nowMs) : nothing;
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
    if (gateway === accessPoint) {
      const because = `already registered with ${accessPoint}`;
      return [
        ...this.#choice.commanded(accessPoint),
        { type: 'actionAnswered', requestId, ok: true, because },
      ];
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
    const decided = requestId === undefined ? nothing : this.#choice.commanded(accessPoint);
    return [
      ...decided,
      { type: 'accessPromoted', slot: this.#slot },
      { type: 'registrationEnded' },
      { type: 'registered' },
      ...this.#fromLeaving(former.handle({ type: 'leaveRequested' }, nowMs)),
      ...this.#tellInUse(this.#ranked(), nowMs),
      ...(requestId === undefined
        ? nothing
        : [{ type: 'actionAnswered', requestId, ok: true, because } as const]),
    ];
  }

  /** The second is given up; its goodbye matters to nobody. */
  #abandon(because: string, nowMs: number): Effects {
    const beside = this.#beside;
    if (beside === undefined) return nothing;
    this.#beside = undefined;
    this.#timers.clear('switch');
    const { requestId, accessPoint } = beside;
    const sentence = `${accessPoint}: ${because}; still at the former access point`;
    return [
      ...slotted(beside.registration.handle({ type: 'leaveRequested' }, nowMs), other(this.#slot)),
      { type: 'closeAccess', how: 'drop', slot: other(this.#slot) },
      requestId === undefined
        ? {
            type: 'noted',
            note: { code: 'accessPointMissed', level: 'warning', accessPoint, because },
          }
        : {
            type: 'actionAnswered',
            requestId,
            ok: false,
            code: 'EACCESS_SWITCH',
            because: sentence,
          },
    ];
  }
}
