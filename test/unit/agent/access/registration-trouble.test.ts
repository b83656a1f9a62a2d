/** The registration in virtual time when uplinks, gateways or twins make trouble. */
import { beforeEach, describe, expect, it } from 'vitest';
import { down, hello, up } from '../../../kit/branch.ts';
import { Scene } from '../../../kit/registration-scene.ts';

describe('a registration in trouble', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
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

  it('asks no more than once a second, however often its path is doubted', () => {
    scene.start();
    scene.register();
    scene.pass(2_000);
    const before = scene.count('publish');
    for (let at = 0; at < 50; at += 1) {
      scene.hear({ type: 'uplinkDoubted', uplink: 'wan1' });
      scene.proveBirth();
      scene.pass(100);
    }
    expect(scene.count('publish') - before).toBeLessThanOrEqual(6);
    expect(scene.state).toBe('registered');
    scene.pass(1_000);
    scene.hear({ type: 'uplinkDoubted', uplink: 'wan1' });
    scene.pass(5_000);
    expect(scene.core.snapshot().lastError?.code).toBe('ELIFE_ECHO');
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

  it('waits most of a minute, then twice as long each time, when its identity is in use twice', () => {
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
      expect(waitMs).toBeGreaterThanOrEqual(50_000 * 2 ** round);
      expect(waitMs).toBeLessThanOrEqual(62_500 * 2 ** round);
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

  it('puts right once what another run has said of it, a minute later', () => {
    scene.start();
    scene.register();
    const own = scene.lastBirth();
    const births = (): number => scene.count('publish');
    const before = births();
    for (const bdSeq of [1, 2]) {
      const life = { ...own, bdSeq, bootId: 'somebody-else' };
      scene.hear({ type: 'lifeReceived', life, retained: false });
      scene.pass(29_000);
    }
    expect(births()).toBe(before);
    scene.pass(3_000);
    expect(births()).toBe(before + 1);
    expect(scene.lastBirth()).toEqual(own);
    expect(scene.last('stateWanted')).toBeDefined();
    scene.pass(120_000);
    expect(births()).toBe(before + 1);
  });

  it('takes its own former connection, left in a silent path, for no clone, but the next one for one', () => {
    scene.start();
    scene.closed({ code: 'ETIMEOUT' });
    scene.nextAttempt();
    scene.closed({ code: 'ETIMEOUT' });
    scene.nextAttempt();
    scene.register();
    const takeover = { code: 'EMQTT_0x8e', reasonCode: 0x8e };
    scene.closed(takeover);
    expect(scene.notes('identityInUseTwice')).toBe(0);
    expect((scene.core.snapshot().retryAtMs ?? 0) - scene.nowMs).toBeLessThan(10_000);
    scene.nextAttempt();
    scene.closed(takeover);
    expect(scene.notes('identityInUseTwice')).toBe(1);
  });

  it('forgets what failed before when packets to the gateways go another way', () => {
    scene.start();
    for (let at = 0; at < 6; at += 1) {
      scene.closed({ code: 'ETIMEOUT' });
      scene.nextAttempt();
    }
    scene.closed({ code: 'ETIMEOUT' });
    scene.hear({ type: 'pathChanged', because: 'a document was undone' });
    scene.pass(1_000);
    expect(scene.last('openAccess')?.target).toMatchObject({
      gateway: 'gwa',
      sourceAddress: '10.91.1.2',
    });
    scene.closed({ code: 'ETIMEOUT' });
    expect((scene.core.snapshot().retryAtMs ?? 0) - scene.nowMs).toBeLessThanOrEqual(1_000);
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

  it('says birth again when the tunnel key becomes known', () => {
    scene.start();
    scene.register();
    scene.pass(5_000);
    scene.hear({ type: 'tunnelKeyKnown', publicKey: 'late' });
    expect(scene.lastBirth()).toMatchObject({ tunnelPublicKey: 'late', bdSeq: 0 });
  });
});
