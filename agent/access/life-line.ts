/**
 * Keeps our life topic true while connected: births with the right `bdSeq`, their acknowledgement and echo, and a
 * new birth whenever somebody declares us offline.
 *
 * A part of the registration core, split off by concern: the registration decides about connections, this about
 * what is said and heard on one. It proves publishing by reading its own words back, at birth, every few minutes
 * and whenever the path is doubted.
 */
import { type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { Hello } from '../../firmware-shim/wire/messages.ts';
import { ABSENCE_MS } from '../model/absence.ts';
import type { AgentConfig } from '../model/config.ts';
import type { Inventory } from '../model/inventory.ts';
import type { AccessWill } from '../ports.ts';
import { encodeJson } from './encode-json.ts';
import type { LifeSign } from './intake.ts';
import { birthOf, deathOf, nextBdSeq, readLife } from './life.ts';
import { publishIdOf } from './publish-lane.ts';
import type { RegistrationEffect, RegistrationEvent } from './registration-events.ts';
import { topicsOf } from './topics.ts';

/** How often an idle registration proves that what it publishes still arrives. */
const ECHO_EVERY_MS = 300_000;
/** An echo that takes longer than this does not come. */
const ECHO_MS = 5_000;
/** Births that others provoke are at least this far apart. */
const REBIRTH_GAP_MS = 1_000;
/** What another run has said of us is put right after this: soon for an operator, and no quarrel between two clones. */
const RECLAIM_MS = 60_000;
/** Hides a short roam; well below the session expiry, which would end it early. */
const WILL_DELAY_S = ABSENCE_MS / 1_000;

export const ACCESS_SHELF = 'access';
export const BD_SEQ_KEY = 'bdSeq';

/** What the registration must act on. */
export type LifeFinding = 'nothing' | 'silent' | 'stranger';
type Learnt = Extract<RegistrationEvent, { readonly type: 'boardIntroduced' | 'tunnelKeyKnown' }>;
type Effects = readonly RegistrationEffect[];
type Timer = 'rebirth' | 'reclaim' | 'echoDue' | 'echoAnswer';

export interface LifeLineOptions {
  readonly config: AgentConfig;
  readonly inventory: Inventory;
  readonly publicKey: string;
  readonly bootId: string;
}

export class LifeLine {
  readonly #options: LifeLineOptions;
  readonly #topic: string;
  readonly #timers = new Timers<Timer>();
  #publicKey: string;
  #hello: Hello | undefined;
  #bdSeq: number | undefined;
  #serial = 0;
  #bornAtMs = Number.NEGATIVE_INFINITY;
  #acked = false;
  #echoed = false;

  constructor(options: LifeLineOptions) {
    this.#options = options;
    this.#publicKey = options.publicKey;
    this.#topic = topicsOf(options.config.tenant, options.inventory.serialNumber).life;
  }

  /** The last number a former run used, if any. */
  restore(bdSeq: number | undefined): void {
    this.#bdSeq = bdSeq;
  }

  /** A connection is about to be attempted: takes the next number and answers with the will and its keeping. */
  prepare(): { readonly will: AccessWill; readonly effects: Effects } {
    this.#bdSeq = nextBdSeq(this.#bdSeq);
    const payload = encodeJson(deathOf(this.#bdSeq, this.#options.bootId, 'lost'));
    return {
      will: { topic: this.#topic, payload, delayS: WILL_DELAY_S },
      effects: [
        { type: 'storePut', shelf: ACCESS_SHELF, key: BD_SEQ_KEY, value: `${this.#bdSeq}` },
      ],
    };
  }

  /** Both halves of the proof: the gateway has it, and it came back. */
  get proved(): boolean {
    return this.#acked && this.#echoed;
  }

  /** Birth has more to say: where there is a connection, it is said again. */
  learn(event: Learnt, isOpen: boolean, nowMs: number): Effects {
    if (event.type === 'tunnelKeyKnown') this.#publicKey = event.publicKey;
    const notes = event.type === 'boardIntroduced' ? this.#introduce(event.hello) : nothing;
    return isOpen ? [...notes, ...this.beBornSoon(nowMs)] : notes;
  }

  /** The certificate decides who we are; a board of another device is an alarm, not a new name. */
  #introduce(hello: Hello): Effects {
    this.#hello = hello;
    const certificate = this.#options.inventory.serialNumber;
    const board = hello.serialNumber;
    if (board === certificate) return nothing;
    const note = { code: 'serialNumberMismatch', level: 'error', certificate, board } as const;
    return [{ type: 'noted', note }];
  }

  beBorn(nowMs: number): Effects {
    this.#bornAtMs = nowMs;
    this.#timers.clear('rebirth');
    const { bootId } = this.#options;
    const birth = birthOf({
      ...this.#options,
      publicKey: this.#publicKey,
      bootId,
      bdSeq: this.#bdSeq ?? 0,
      hello: this.#hello,
    });
    return [this.#publish(encodeJson(birth))];
  }

  /** Somebody needs to hear it again; many such wishes make one birth. */
  beBornSoon(nowMs: number): Effects {
    const atMs = this.#bornAtMs + REBIRTH_GAP_MS;
    if (nowMs >= atMs) return this.beBorn(nowMs);
    this.#timers.set('rebirth', atMs);
    return nothing;
  }

  /** Says goodbye; the id tells its acknowledgement. */
  sayBye(): { readonly publishId: number; readonly effects: Effects } {
    const publish = this.#publish(
      encodeJson(deathOf(this.#bdSeq ?? 0, this.#options.bootId, 'bye')),
    );
    return { publishId: publish.message.publishId, effects: [publish] };
  }

  acknowledged(): void {
    this.#acked = true;
  }

  /** Registered: from now on the proof is repeated. */
  keepProving(nowMs: number): void {
    this.#timers.set('echoDue', nowMs + ECHO_EVERY_MS);
  }

  heard(
    life: LifeSign,
    retained: boolean,
    nowMs: number,
  ): { effects: Effects; finding: LifeFinding } {
    const own = { bdSeq: this.#bdSeq ?? 0, bootId: this.#options.bootId };
    switch (readLife(life, own, retained)) {
      case 'echo':
        this.#echoed = true;
        this.#timers.clear('echoAnswer');
        return { effects: nothing, finding: 'nothing' };
      case 'declared-offline':
        return {
          effects: [
            {
              type: 'noted',
              note: { code: 'bornAgain', level: 'notice', because: 'our life topic read offline' },
            },
            ...this.beBornSoon(nowMs),
          ],
          finding: 'nothing',
        };
      case 'stranger':
        if (this.#timers.at('reclaim') === undefined) {
          this.#timers.set('reclaim', nowMs + RECLAIM_MS);
        }
        return { effects: nothing, finding: 'stranger' };
      case 'history':
        return { effects: nothing, finding: 'nothing' };
    }
  }

  /** Publishes birth once more and expects to read it within a few seconds. */
  checkEcho(nowMs: number): Effects {
    if (this.#timers.at('echoAnswer') !== undefined) return nothing;
    const atMs = this.#bornAtMs + REBIRTH_GAP_MS;
    if (nowMs < atMs) {
      this.#timers.set('echoDue', atMs);
      return nothing;
    }
    this.#timers.set('echoAnswer', nowMs + ECHO_MS);
    this.#timers.set('echoDue', nowMs + ECHO_EVERY_MS);
    return this.beBorn(nowMs);
  }

  tick(nowMs: number): { effects: Effects; finding: LifeFinding } {
    if (this.#timers.take('echoAnswer', nowMs)) return { effects: nothing, finding: 'silent' };
    const effects: RegistrationEffect[] = [];
    if (this.#timers.take('rebirth', nowMs)) effects.push(...this.beBorn(nowMs));
    if (this.#timers.take('reclaim', nowMs)) {
      effects.push(...this.beBorn(nowMs), { type: 'stateWanted' });
    }
    if (this.#timers.take('echoDue', nowMs)) effects.push(...this.checkEcho(nowMs));
    return { effects, finding: 'nothing' };
  }

  /** The connection is over; nothing proved on it counts any more. */
  end(): void {
    this.#timers.clearAll();
    this.#acked = false;
    this.#echoed = false;
    this.#bornAtMs = Number.NEGATIVE_INFINITY;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  #publish(payload: Uint8Array) {
    const publishId = publishIdOf('life', this.#serial);
    this.#serial += 1;
    const message = { publishId, topic: this.#topic, payload, qos: 1, retain: true } as const;
    return { type: 'publish', message } as const;
  }
}
