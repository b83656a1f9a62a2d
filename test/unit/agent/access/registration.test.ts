/** The registration in virtual time: attempts, births and goodbyes. */
import { beforeEach, describe, expect, it } from 'vitest';
import { laneOf } from '../../../../agent/access/publish-lane.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { decode, down, up } from '../../../kit/branch.ts';
import { AREA, Scene } from '../../../kit/registration-scene.ts';

describe('a registration', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });

  it('waits for the store and for an uplink before it tries anything', () => {
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    expect(scene.count('openAccess')).toBe(0);
    scene.hear({ type: 'restored', bdSeq: undefined });
    scene.rank();
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
    scene.rank();
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
      'sag/v1/acme/sag00001/state/confirm',
      'sag/v1/acme/sag00001/cmd/+',
      'sag/v1/acme/sag00001/ctl/rebirth',
    ]);
  });

  it('subscribes and is born anew on each connection, whether or not the gateway says it kept the session', () => {
    scene.start();
    scene.register();
    for (const sessionPresent of [true, false]) {
      scene.closed();
      scene.nextAttempt();
      const born = scene.count('publish');
      const subscribed = scene.count('subscribe');
      scene.hear({ type: 'channelOpened', sessionPresent, properties: AREA });
      expect(scene.count('subscribe')).toBe(subscribed + 1);
      expect(scene.count('publish')).toBe(born + 1);
      expect(scene.state).toBe('registering');
      scene.proveBirth();
      expect(scene.state).toBe('registered');
    }
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
