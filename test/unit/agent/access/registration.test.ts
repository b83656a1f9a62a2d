/** The registration in virtual time: attempts, refusals, losses, echoes and goodbyes. */
import { beforeEach, describe, expect, it } from 'vitest';
import { laneOf } from '../../../../agent/access/publish-lane.ts';
import { Registration } from '../../../../agent/access/registration.ts';
import type {
  RegistrationEffect,
  RegistrationEvent,
} from '../../../../agent/access/registration-events.ts';
import type { AccessEvent } from '../../../../agent/ports.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';
import {
  BOOT_ID,
  birthIn,
  config,
  decode,
  down,
  hello,
  inventory,
  PUBLIC_KEY,
  up,
} from '../../../kit/branch.ts';

const AREA = { 'ccn-area': 'Mainland China', 'gateway-id': 'gwa' };

type Of<Type extends RegistrationEffect['type']> = Extract<
  RegistrationEffect,
  { readonly type: Type }
>;

/** A registration with its own clock, and everything it ever asked for. */
class Scene {
  readonly core: Registration;
  nowMs = 0;
  all: { readonly atMs: number; readonly effect: RegistrationEffect }[] = [];

  constructor(seed = 7) {
    const random = new SeededRandom(seed);
    const shared = { config, inventory, publicKey: PUBLIC_KEY, bootId: BOOT_ID };
    this.core = new Registration({ ...shared, random });
  }

  /** Passes the waits until the next attempt, whatever they are. */
  nextAttempt(): void {
    for (let { retryAtMs } = this.core.snapshot(); retryAtMs !== undefined; ) {
      this.pass(Math.ceil(retryAtMs) - this.nowMs);
      ({ retryAtMs } = this.core.snapshot());
    }
  }

  hear(event: RegistrationEvent): readonly RegistrationEffect[] {
    const effects = this.core.handle(event, this.nowMs);
    this.all.push(...effects.map((effect) => ({ atMs: this.nowMs, effect })));
    return effects;
  }

  pass(ms: number): readonly RegistrationEffect[] {
    const timed = advance(this.core, this.nowMs, this.nowMs + ms);
    this.nowMs += ms;
    this.all.push(...timed);
    return timed.map(({ effect }) => effect);
  }

  last<Type extends RegistrationEffect['type']>(type: Type): Of<Type> | undefined {
    const found = this.all.findLast(({ effect }) => effect.type === type);
    return found?.effect as Of<Type> | undefined;
  }

  count(type: RegistrationEffect['type']): number {
    return this.all.filter(({ effect }) => effect.type === type).length;
  }

  notes(code: string): number {
    return this.all.filter(({ effect }) => effect.type === 'noted' && effect.note.code === code)
      .length;
  }

  start(): void {
    this.hear({ type: 'restored', bdSeq: undefined });
    this.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    this.hear({ type: 'uplinkChanged', uplink: 'wan2', verdict: up('10.91.2.2') });
  }

  opened(properties: Record<string, string> = AREA): readonly RegistrationEffect[] {
    return this.hear({ type: 'channelOpened', sessionPresent: false, properties });
  }

  closed(event: Partial<Extract<AccessEvent, { type: 'channelClosed' }>> = {}): void {
    this.hear({ type: 'channelClosed', code: 'ECONNREFUSED', text: 'nobody', ...event });
  }

  /** The gateway keeps the birth and sends it back. */
  proveBirth(): void {
    const birth = this.lastBirth();
    const publishId = this.last('publish')?.message.publishId ?? -1;
    this.hear({ type: 'publishAcknowledged', publishId, reasonCode: 0 });
    this.hear({ type: 'lifeReceived', life: birth, retained: false });
  }

  lastBirth() {
    return birthIn(this.last('publish')?.message.payload ?? new Uint8Array());
  }

  register(): void {
    if (this.core.snapshot().state !== 'connecting') this.nextAttempt();
    this.opened();
    this.proveBirth();
  }

  get state(): string {
    return this.core.snapshot().state;
  }
}

describe('a registration', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });

  it('waits for the store and for an uplink before it tries anything', () => {
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    expect(scene.count('openAccess')).toBe(0);
    scene.hear({ type: 'restored', bdSeq: undefined });
    expect(scene.last('openAccess')?.target).toEqual({
      gateway: 'gwa',
      address: '10.92.1.1',
      port: 8443,
      serverName: 'gwa.example',
      sourceAddress: '10.91.1.2',
    });
  });

  it('is registered once birth is acknowledged and has come back, not when connected', () => {
    scene.start();
    scene.opened();
    expect(scene.state).toBe('registering');
    const birth = scene.lastBirth();
    scene.hear({ type: 'lifeReceived', life: birth, retained: false });
    expect(scene.state).toBe('registering');
    const publishId = scene.last('publish')?.message.publishId ?? -1;
    expect(laneOf(publishId)).toBe('life');
    scene.hear({ type: 'publishAcknowledged', publishId, reasonCode: 0 });
    expect(scene.state).toBe('registered');
    expect(scene.core.snapshot()).toMatchObject({
      gateway: 'gwa',
      area: 'Mainland China',
      overUplink: 'wan1',
    });
  });

  it('gives will and birth the same bdSeq, counts it on each connect and wraps after 255', () => {
    scene.hear({ type: 'restored', bdSeq: 254 });
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    const will = () => decode(scene.last('openAccess')?.will.payload ?? new Uint8Array());
    expect(will()).toMatchObject({ state: 'offline', bdSeq: 255, why: 'lost' });
    scene.opened();
    expect(scene.lastBirth()).toMatchObject({ state: 'online', bdSeq: 255 });
    expect(scene.last('storePut')).toMatchObject({ key: 'bdSeq', value: '255' });
    scene.closed();
    scene.nextAttempt();
    expect(will()).toMatchObject({ bdSeq: 0 });
  });

  it('subscribes to life, desired, commands and rebirth before it says birth', () => {
    scene.start();
    const types = scene.opened().map(({ type }) => type);
    expect(types.indexOf('subscribe')).toBeLessThan(types.indexOf('publish'));
    expect(scene.last('subscribe')?.topics).toEqual([
      'sag/v1/acme/sag00001/life',
      'sag/v1/acme/sag00001/state/desired',
      'sag/v1/acme/sag00001/cmd/+',
      'sag/v1/acme/sag00001/ctl/rebirth',
    ]);
  });

  it('tries the next gateway after a failure, and the next uplink after all gateways', () => {
    scene.start();
    const tried: string[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const target = scene.last('openAccess')?.target;
      tried.push(`${target?.gateway} from ${target?.sourceAddress}`);
      scene.closed();
      scene.nextAttempt();
    }
    expect(tried).toEqual([
      'gwa from 10.91.1.2',
      'gwb from 10.91.1.2',
      'gwa from 10.91.2.2',
      'gwb from 10.91.2.2',
    ]);
  });

  it('gives an attempt ten seconds', () => {
    scene.start();
    scene.pass(9_999);
    expect(scene.state).toBe('connecting');
    scene.pass(1);
    expect(scene.last('closeAccess')).toEqual({ type: 'closeAccess', how: 'drop' });
    expect(scene.core.snapshot().lastError?.code).toBe('ETIMEOUT');
  });

  it('refuses a gateway of another area politely and slows down when all are of another', () => {
    scene.start();
    scene.opened({ 'ccn-area': 'Singapore' });
    expect(scene.last('closeAccess')?.how).toBe('bye');
    expect(scene.core.snapshot().lastError?.code).toBe('EAREA_MISMATCH');
    scene.nextAttempt();
    expect(scene.last('openAccess')?.target.gateway).toBe('gwb');
    scene.opened({});
    const waitMs = (scene.core.snapshot().retryAtMs ?? 0) - scene.nowMs;
    expect(waitMs).toBeGreaterThanOrEqual(60_000);
    expect(waitMs).toBeLessThanOrEqual(600_000);
  });

  it('spreads its first return over what the gateway asked for', () => {
    const waitsMs = Array.from({ length: 40 }, (_, seed) => {
      const each = new Scene(seed);
      each.start();
      each.opened({ ...AREA, 'spread-ms': '50000' });
      each.proveBirth();
      each.pass(61_000);
      each.closed({ code: 'ECONNRESET' });
      return (each.core.snapshot().retryAtMs ?? 0) - each.nowMs;
    });
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(50_000);
    expect(waitsMs.filter((waitMs) => waitMs > 25_000).length).toBeGreaterThan(10);
    expect(waitsMs.filter((waitMs) => waitMs < 25_000).length).toBeGreaterThan(10);
  });

  it('keeps growing its waits until a registration has lasted a minute', () => {
    scene.start();
    for (let round = 0; round < 6; round += 1) {
      scene.register();
      scene.closed({ code: 'ECONNRESET' });
    }
    expect(scene.core.snapshot().attempts).toBe(6);
    scene.register();
    scene.pass(60_000);
    expect(scene.core.snapshot().attempts).toBe(0);
  });

  it('moves to another uplink at once when its own goes down', () => {
    scene.start();
    scene.register();
    scene.pass(5_000);
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
    expect(scene.last('closeAccess')?.how).toBe('drop');
    scene.pass(0);
    expect(scene.last('openAccess')?.target.sourceAddress).toBe('10.91.2.2');
  });

  it('does not care when another uplink goes down', () => {
    scene.start();
    scene.register();
    scene.hear({ type: 'uplinkChanged', uplink: 'wan2', verdict: down() });
    expect(scene.state).toBe('registered');
  });

  it('rests without any uplink and starts as soon as one is back', () => {
    scene.start();
    scene.hear({ type: 'uplinkChanged', uplink: 'wan2', verdict: down() });
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
    scene.pass(600_000);
    expect(scene.state).toBe('idle');
    scene.hear({ type: 'uplinkChanged', uplink: 'wan2', verdict: up('10.91.2.2') });
    expect(scene.state).toBe('connecting');
  });

  it('opens at most one connection a second, however much the uplinks flap', () => {
    scene.start();
    const before = scene.count('openAccess');
    for (let round = 0; round < 100; round += 1) {
      scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
      scene.hear({ type: 'uplinkChanged', uplink: 'wan2', verdict: down() });
      scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
      scene.hear({ type: 'uplinkChanged', uplink: 'wan2', verdict: up('10.91.2.2') });
      scene.pass(100);
    }
    expect(scene.count('openAccess') - before).toBeLessThanOrEqual(10);
  });

  it('says birth again, once a second at most, when its life topic reads offline', () => {
    scene.start();
    scene.register();
    scene.pass(5_000);
    const before = scene.count('publish');
    const life = { v: 1, state: 'offline', bdSeq: 9, bootId: 'old', why: 'lost' } as const;
    for (let round = 0; round < 50; round += 1) {
      scene.hear({ type: 'lifeReceived', life, retained: false });
      scene.pass(20);
    }
    scene.pass(1_000);
    expect(scene.count('publish') - before).toBeLessThanOrEqual(3);
    expect(scene.lastBirth().state).toBe('online');
    expect(scene.state).toBe('registered');
  });

  it('takes the retained offline of its former run for history', () => {
    scene.start();
    scene.opened();
    const before = scene.count('publish');
    const life = { v: 1, state: 'offline', bdSeq: 9, bootId: 'old', why: 'lost' } as const;
    scene.hear({ type: 'lifeReceived', life, retained: true });
    expect(scene.count('publish')).toBe(before);
  });

  it('leaves a path on which its own words no longer come back', () => {
    scene.start();
    scene.register();
    scene.pass(2_000);
    scene.hear({ type: 'uplinkDoubted', uplink: 'wan1' });
    scene.pass(4_999);
    expect(scene.state).toBe('registered');
    scene.pass(1);
    expect(scene.core.snapshot().lastError?.code).toBe('ELIFE_ECHO');
    scene.pass(5_000);
    expect(scene.last('openAccess')?.target.sourceAddress).toBe('10.91.2.2');
  });

  it('stays when the echo of a doubted path comes', () => {
    scene.start();
    scene.register();
    scene.pass(2_000);
    scene.hear({ type: 'uplinkDoubted', uplink: 'wan1' });
    scene.proveBirth();
    scene.pass(60_000);
    expect(scene.state).toBe('registered');
  });

  it('does not check the path for an uplink it does not use', () => {
    scene.start();
    scene.register();
    const before = scene.count('publish');
    scene.hear({ type: 'uplinkDoubted', uplink: 'wan2' });
    expect(scene.count('publish')).toBe(before);
  });

  it('proves every few minutes that what it publishes arrives', () => {
    scene.start();
    scene.register();
    const before = scene.count('publish');
    scene.pass(300_000);
    expect(scene.count('publish')).toBe(before + 1);
    scene.pass(5_000);
    expect(scene.state).not.toBe('registered');
  });

  it('waits half a minute, then twice as long each time, when its identity is in use twice', () => {
    scene.start();
    scene.register();
    const waits: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      scene.closed({ code: 'EMQTT_0x8e', text: 'session taken over', reasonCode: 0x8e });
      const retryAtMs = scene.core.snapshot().retryAtMs ?? 0;
      waits.push(retryAtMs - scene.nowMs);
      scene.pass(retryAtMs - scene.nowMs);
      scene.opened();
      scene.proveBirth();
    }
    for (const [round, waitMs] of waits.entries()) {
      expect(waitMs).toBeGreaterThanOrEqual(30_000 * 2 ** round);
      expect(waitMs).toBeLessThanOrEqual(37_500 * 2 ** round);
    }
    expect(scene.notes('identityInUseTwice')).toBe(5);
  });

  it('raises the alarm when another run is born on its life topic', () => {
    scene.start();
    scene.register();
    const life = { ...scene.lastBirth(), bootId: 'somebody-else' };
    scene.hear({ type: 'lifeReceived', life, retained: false });
    expect(scene.notes('identityInUseTwice')).toBe(1);
    expect(scene.state).toBe('registered');
  });

  it('tries slowly once every gateway has said that it is not authorised', () => {
    scene.start();
    scene.closed({ code: 'EMQTT_0x87', reasonCode: 0x87 });
    scene.pass(5_000);
    expect(scene.last('openAccess')?.target.gateway).toBe('gwb');
    scene.closed({ code: 'EMQTT_0x87', reasonCode: 0x87 });
    expect((scene.core.snapshot().retryAtMs ?? 0) - scene.nowMs).toBeGreaterThanOrEqual(60_000);
  });

  it('does not let a flapping uplink hurry a wait that the gateway asked for', () => {
    scene.start();
    scene.closed({ code: 'EMQTT_0x97', reasonCode: 0x97 });
    const { retryAtMs } = scene.core.snapshot();
    expect((retryAtMs ?? 0) - scene.nowMs).toBeGreaterThanOrEqual(5_000);
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    expect(scene.core.snapshot().retryAtMs).toBe(retryAtMs);
  });

  it('follows a redirect to a gateway of its list', () => {
    scene.start();
    scene.closed({ code: 'EMQTT_0x9d', reasonCode: 0x9d, serverReference: 'gwb.example:8443' });
    scene.pass(1_000);
    expect(scene.last('openAccess')?.target.gateway).toBe('gwb');
  });

  it('follows no redirect out of its list, and none in circles', () => {
    scene.start();
    scene.closed({ code: 'EMQTT_0x9c', reasonCode: 0x9c, serverReference: 'evil.example:8443' });
    expect(scene.notes('redirectRefused')).toBe(1);
    for (let round = 0; round < 10; round += 1) {
      scene.nextAttempt();
      const now = scene.last('openAccess')?.target.gateway;
      const serverReference = now === 'gwa' ? 'gwb' : 'gwa';
      scene.closed({ code: 'EMQTT_0x9c', reasonCode: 0x9c, serverReference });
    }
    expect(scene.notes('redirectRefused')).toBeGreaterThan(1);
    const addresses = scene.all.flatMap(({ effect }) =>
      effect.type === 'openAccess' ? [effect.target.address] : [],
    );
    expect(new Set(addresses)).toEqual(new Set(['10.92.1.1', '10.92.2.1']));
  });

  it('gives up a gateway that refuses its birth', () => {
    scene.start();
    scene.opened();
    const publishId = scene.last('publish')?.message.publishId ?? -1;
    scene.hear({ type: 'publishAcknowledged', publishId, reasonCode: 0x87 });
    expect(scene.core.snapshot().lastError?.code).toBe('EMQTT_0x87');
  });

  it('gives birth the model once the board has introduced itself', () => {
    scene.start();
    scene.register();
    expect(scene.lastBirth().model).toBe('unknown');
    scene.pass(5_000);
    scene.hear({ type: 'boardIntroduced', hello });
    expect(scene.lastBirth()).toMatchObject({ model: 'sag-1000', bdSeq: 0 });
    scene.hear({ type: 'boardIntroduced', hello: { ...hello, serialNumber: 'other' } });
    expect(scene.notes('serialNumberMismatch')).toBe(1);
  });

  it('says goodbye, waits for its acknowledgement, and only then hangs up', () => {
    scene.start();
    scene.register();
    const effects = scene.hear({ type: 'leaveRequested' });
    expect(effects.some(({ type }) => type === 'closeAccess')).toBe(false);
    const bye = scene.last('publish')?.message;
    expect(decode(bye?.payload ?? new Uint8Array())).toMatchObject({
      state: 'offline',
      why: 'bye',
    });
    expect(bye?.retain).toBe(true);
    scene.hear({ type: 'publishAcknowledged', publishId: bye?.publishId ?? -1, reasonCode: 0 });
    expect(scene.last('closeAccess')?.how).toBe('bye');
    expect(scene.count('left')).toBe(1);
  });

  it('hangs up without the acknowledgement after two seconds, and leaves at once when offline', () => {
    scene.start();
    scene.register();
    scene.hear({ type: 'leaveRequested' });
    scene.pass(2_000);
    expect(scene.count('left')).toBe(1);
    const other = new Scene();
    other.hear({ type: 'leaveRequested' });
    expect(other.count('left')).toBe(1);
    other.start();
    expect(other.count('openAccess')).toBe(0);
  });

  it('comes to rest when left alone, whatever the gateways do', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const random = new SeededRandom(seed);
      const wild = new Scene();
      wild.start();
      for (let step = 0; step < 200; step += 1) {
        const drawn = random.u32() % 7;
        if (drawn === 0) wild.opened(random.next() < 0.7 ? AREA : { 'ccn-area': 'Europe' });
        if (drawn === 1) wild.closed({ code: 'EMQTT', reasonCode: 0x80 + (random.u32() % 0x23) });
        if (drawn === 2) wild.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
        if (drawn === 3) {
          wild.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
        }
        if (drawn === 4 && wild.state === 'registering') wild.proveBirth();
        if (drawn === 5) wild.hear({ type: 'uplinkDoubted', uplink: 'wan1' });
        wild.pass(random.u32() % 30_000);
      }
      wild.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
      for (let patience = 0; wild.state !== 'connecting' && patience < 100; patience += 1) {
        wild.pass(60_000);
        if (wild.state === 'connecting' || wild.state === 'registered') break;
      }
      expect(['connecting', 'registered', 'waiting']).toContain(wild.state);
    }
  });
});
