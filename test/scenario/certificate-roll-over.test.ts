/**
 * A CA is replaced under a thousand devices, in virtual time: each is switched off now and then, restarted, cut off
 * in the middle of a renewal, and refused at random, and none is locked out.
 */
import { expect, it } from 'vitest';
import { Renewal } from '../../agent/access/renewal.ts';
import type { RenewalEffect, RenewalEvent } from '../../agent/access/renewal-events.ts';
import type { PairFacts } from '../../agent/model/certificate.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';

const DAY_MS = 86_400_000;
const STEP_MS = DAY_MS / 4;
const LIFE_DAYS = 90;
const DEVICES = 1_000;
/** From here on the desk issues from the new CA; gateways take both, and still show the old one. */
const OVERLAP_FROM_DAY = 30;
/** A certificate's life and the longest absence later nobody has only the old CA's. */
const OLD_CA_ENDS_DAY = OVERLAP_FROM_DAY + LIFE_DAYS + 25;
const END_DAY = OLD_CA_ENDS_DAY + 60;
/** Longest time a device is switched off; several such absences in a row outlast a certificate. */
const AWAY_DAYS_MAX = 20;

type Authority = 'old' | 'new';
interface Pair extends PairFacts {
  readonly issuer: Authority;
}

/** Gateways and desk on one day. */
const shownBy = (day: number): Authority => (day < OLD_CA_ENDS_DAY ? 'old' : 'new');
const takes = (issuer: Authority, day: number): boolean =>
  issuer === 'new' ? day >= OVERLAP_FROM_DAY : day < OLD_CA_ENDS_DAY;

class Device {
  readonly #random: SeededRandom;
  #disk: readonly Pair[];
  #core: Renewal;
  #shown: Pair;
  #isRegistered = false;
  #awayUntilMs = 0;
  lastRegisteredDay = 0;
  renewals = 0;
  enrolments = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    // Born on any day of the sixty before.
    const fromMs = -Math.floor(this.#random.next() * 60) * DAY_MS;
    const first = {
      generation: 1,
      fromMs,
      endMs: fromMs + LIFE_DAYS * DAY_MS,
      issuer: 'old',
    } as const;
    this.#disk = [first];
    this.#shown = first;
    this.#core = this.#start(0);
  }

  /** A quarter of a day passes; in the end every device is switched on. */
  live(nowMs: number, isEnd: boolean): void {
    if (nowMs < this.#awayUntilMs && !isEnd) return;
    if (this.#awayUntilMs > 0 || this.#draws(0.01)) this.#core = this.#start(nowMs);
    this.#awayUntilMs = 0;
    if (!isEnd && this.#draws(0.01)) {
      this.#awayUntilMs = nowMs + this.#random.next() * AWAY_DAYS_MAX * DAY_MS;
      return;
    }
    if (this.#isRegistered && this.#draws(0.05)) this.#lose('ECONNRESET', nowMs);
    while ((this.#core.deadline()?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      this.#perform(this.#core.tick(nowMs), nowMs);
    }
    for (let attempt = 0; attempt < 4 && !this.#isRegistered; attempt += 1) this.#connect(nowMs);
    if (this.#isRegistered) this.lastRegisteredDay = nowMs / DAY_MS;
  }

  #start(nowMs: number): Renewal {
    this.#isRegistered = false;
    this.#enrolAgain(nowMs);
    this.#shown = this.#disk[0] ?? this.#shown;
    const core = new Renewal({
      tenant: 'acme',
      serialNumber: 'SAG1',
      pairs: this.#disk,
      renews: true,
      random: this.#random,
    });
    core.handle({ type: 'timeTold', wallMs: nowMs }, nowMs);
    return core;
  }

  /** As at every start of the agent: a certificate that has ended is replaced with the factory secret. */
  #enrolAgain(nowMs: number): void {
    const [newest] = this.#disk;
    if (newest === undefined || newest.endMs > nowMs || !this.#believes(newest, nowMs)) return;
    this.#disk = [this.#issue(nowMs)];
    this.enrolments += 1;
  }

  /** A pair of the new CA brings its successor along, so it believes both. */
  #believes({ issuer }: Pair, nowMs: number): boolean {
    return issuer === 'new' || shownBy(nowMs / DAY_MS) === 'old';
  }

  #issue(nowMs: number): Pair {
    const generation = (this.#disk[0]?.generation ?? 0) + 1;
    const issuer = nowMs / DAY_MS < OVERLAP_FROM_DAY ? 'old' : 'new';
    return { generation, fromMs: nowMs, endMs: nowMs + LIFE_DAYS * DAY_MS, issuer };
  }

  #connect(nowMs: number): void {
    const day = nowMs / DAY_MS;
    const { issuer, endMs } = this.#shown;
    if (!this.#believes(this.#shown, nowMs)) return this.#lose('ETLS_UNTRUSTED', nowMs);
    if (!takes(issuer, day) || nowMs > endMs) return this.#lose('ETLS_REFUSED', nowMs);
    if (this.#draws(0.1)) return this.#lose('ETIMEOUT', nowMs);
    this.#isRegistered = true;
    return this.#hear({ type: 'registered' }, nowMs);
  }

  #lose(code: string, nowMs: number): void {
    this.#isRegistered = false;
    this.#hear({ type: 'channelClosed', code, text: code }, nowMs);
  }

  #hear(event: RenewalEvent, nowMs: number): void {
    this.#perform(this.#core.handle(event, nowMs), nowMs);
  }

  #perform(effects: readonly RenewalEffect[], nowMs: number): void {
    for (const effect of effects) {
      if (effect.type === 'closeAccess' && this.#isRegistered) this.#lose('EBYE', nowMs);
      if (effect.type === 'publish') this.#answer(nowMs);
      if (effect.type !== 'identityWork') continue;
      const { work } = effect;
      if (work.what === 'makeRequest') this.#hear({ type: 'requestMade', request: 'CSR' }, nowMs);
      if (work.what === 'keepPair') this.#keep(nowMs);
      if (work.what === 'usePair') {
        this.#shown = this.#disk.find((each) => each.generation === work.generation) ?? this.#shown;
      }
      if (work.what === 'provePair') {
        this.#disk = this.#disk.filter((each) => each.generation >= work.generation);
      }
      if (work.what === 'discardPair') {
        this.#disk = this.#disk.filter((each) => each.generation !== work.generation);
        this.#shown = this.#disk[0] ?? this.#shown;
      }
    }
  }

  #answer(nowMs: number): void {
    if (this.#draws(0.2)) return this.#lose('ECONNRESET', nowMs);
    const answer = this.#draws(0.1)
      ? ({ v: 1, kind: 'refused', code: 'EENROL_BUSY', sentence: 'Later.' } as const)
      : ({ v: 1, kind: 'issued', certificate: 'PEM' } as const);
    return this.#hear({ type: 'identityAnswered', answer, retained: false }, nowMs);
  }

  #keep(nowMs: number): void {
    const pair = this.#issue(nowMs);
    this.#disk = [pair, ...this.#disk];
    this.renewals += 1;
    // The power goes when the pair is on the disk and nobody has heard of it.
    if (this.#draws(0.1)) this.#core = this.#start(nowMs);
    else this.#hear({ type: 'pairKept', pair }, nowMs);
  }

  #draws(chance: number): boolean {
    return this.#random.next() < chance;
  }
}

it('nobody of a thousand devices is locked out when the CA is replaced under them', () => {
  const devices = Array.from({ length: DEVICES }, (_, seed) => new Device(seed + 1));
  for (let nowMs = STEP_MS; nowMs <= END_DAY * DAY_MS; nowMs += STEP_MS) {
    for (const device of devices) device.live(nowMs, nowMs > (END_DAY - 1) * DAY_MS);
  }
  const lockedOut = devices.filter(({ lastRegisteredDay }) => lastRegisteredDay < END_DAY - 1);
  expect(lockedOut).toHaveLength(0);
  const total = (of: 'renewals' | 'enrolments'): number =>
    devices.reduce((sum, device) => sum + device[of], 0);
  expect(total('renewals')).toBeGreaterThan(2 * DEVICES);
  // The way back for whoever slept past its end is used, and rarely.
  expect(total('enrolments')).toBeGreaterThan(0);
  expect(total('enrolments')).toBeLessThan(DEVICES / 10);
});
