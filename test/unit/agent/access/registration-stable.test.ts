/** What a registration that lasted a minute leaves behind when it ends, and one that did not. */
import { beforeEach, describe, expect, it } from 'vitest';
import { AREA, Scene } from '../../../kit/registration-scene.ts';

const STABLE_MS = 60_000;

describe('a registration that is lost', () => {
  let scene: Scene;
  const tried = () => scene.last('openAccess')?.target;

  /** Over the second gateway, because the first refused. */
  beforeEach(() => {
    scene = new Scene();
    scene.start();
    scene.closed();
    scene.nextAttempt();
    scene.opened();
    scene.proveBirth();
    expect(tried()).toMatchObject({ gateway: 'gwb', sourceAddress: '10.91.1.2' });
  });

  it('within its first minute counts against its gateway and its uplink, like an attempt that failed', () => {
    scene.pass(STABLE_MS - 1);
    scene.closed();
    scene.nextAttempt();
    expect(tried()).toMatchObject({ gateway: 'gwa', sourceAddress: '10.91.2.2' });
  });

  it('after a minute does not: it starts at the head of its list, over its best uplink', () => {
    scene.pass(STABLE_MS);
    scene.closed();
    scene.nextAttempt();
    expect(tried()).toMatchObject({ gateway: 'gwa', sourceAddress: '10.91.1.2' });
  });

  it('counts its attempts anew once one has lasted a minute', () => {
    expect(scene.core.snapshot().attempts).toBe(2);
    scene.pass(STABLE_MS - 1);
    expect(scene.core.snapshot().attempts).toBe(2);
    scene.pass(1);
    expect(scene.core.snapshot().attempts).toBe(0);
  });

  it('says how long it took from the connection to the registration', () => {
    scene.closed();
    scene.nextAttempt();
    scene.opened(AREA);
    scene.pass(700);
    scene.proveBirth();
    const { note } = scene.last('noted') ?? {};
    expect(note?.code === 'registered' && Math.floor(note.afterMs)).toBe(700);
  });
});

describe('a wait for another gateway', () => {
  it('is shortened by a certificate that changed', () => {
    const scene = new Scene();
    scene.start();
    for (let failures = 0; failures < 8; failures += 1) {
      scene.closed();
      scene.nextAttempt();
    }
    scene.closed();
    const before = scene.core.snapshot().retryAtMs ?? 0;
    expect(before - scene.nowMs).toBeGreaterThan(1_000);
    scene.hear({ type: 'trustChanged' });
    const after = scene.core.snapshot().retryAtMs ?? 0;
    expect(after).toBeLessThan(before);
    expect(after - scene.nowMs).toBeLessThanOrEqual(1_000);
    // What comes later than the wait would have ended does not make it longer.
    scene.hear({ type: 'trustChanged' });
    expect(scene.core.snapshot().retryAtMs).toBeLessThanOrEqual(after);
  });
});
