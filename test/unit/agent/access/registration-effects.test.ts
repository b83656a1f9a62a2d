/** What a registration tells of itself, in which order, and the moments at which its waits end. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { RegistrationEffect } from '../../../../agent/access/registration-events.ts';
import { down, up } from '../../../kit/branch.ts';
import { Scene } from '../../../kit/registration-scene.ts';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

function notes(code: string) {
  return scene.all.flatMap(({ effect }) =>
    effect.type === 'noted' && effect.note.code === code ? [effect.note] : [],
  );
}

const types = (effects: readonly RegistrationEffect[]) => effects.map(({ type }) => type);
const waitMs = () => (scene.core.snapshot().retryAtMs ?? Number.NaN) - scene.nowMs;

describe('a registration tells', () => {
  it('each change of its state once, with the reason', () => {
    scene.start();
    scene.pass(500);
    scene.register();
    scene.pass(70_000);
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
    scene.pass(1_000);
    scene.hear({ type: 'leaveRequested' });
    const told = notes('registrationStateChanged').map((note) =>
      'from' in note && 'because' in note ? `${note.from} ${note.to}: ${note.because}` : '',
    );
    expect(told.slice(0, 3)).toEqual([
      'idle connecting: wan1 is up',
      'connecting registering: connected',
      'registering registered: birth came back',
    ]);
    expect(told[3]).toMatch(/^registered waiting: E/);
    expect(told.slice(4)).toEqual(['waiting connecting: waited', 'connecting left: said goodbye']);
  });

  it('that it is registered, after how long, and when it no longer is', () => {
    scene.start();
    scene.pass(500);
    scene.register();
    expect(scene.count('registered')).toBe(1);
    expect(notes('registered')).toMatchObject([
      { gateway: 'gwa', overUplink: 'wan1', afterMs: 500 },
    ]);
    expect(scene.count('registrationEnded')).toBe(0);
    scene.closed({ code: 'ECONNRESET' });
    expect(scene.count('registrationEnded')).toBe(1);
    scene.nextAttempt();
    scene.closed();
    expect(scene.count('registrationEnded')).toBe(1);
    expect(scene.core.snapshot().lastError?.code).toBe('ECONNREFUSED');
    scene.register();
    expect(scene.core.snapshot()).not.toHaveProperty('lastError');
  });

  it('since when its state holds', () => {
    scene.pass(300);
    scene.start();
    scene.pass(500);
    expect(scene.core.snapshot().sinceMs).toBe(300);
    scene.opened();
    expect(scene.core.snapshot().sinceMs).toBe(800);
  });

  it('a request for rebirth on by asking for the state, while it is connected only', () => {
    scene.start();
    expect(scene.hear({ type: 'rebirthRequested' })).toEqual([]);
    scene.register();
    scene.pass(5_000);
    const births = scene.count('publish');
    expect(scene.hear({ type: 'rebirthRequested' })).toContainEqual({ type: 'stateWanted' });
    scene.pass(1_000);
    expect(scene.count('publish')).toBe(births + 1);
  });
});

describe('what comes at the wrong time changes nothing:', () => {
  it('an opened channel, an acknowledgement or a close of nobody', () => {
    expect(scene.opened()).toEqual([]);
    const acknowledged = { type: 'publishAcknowledged', publishId: 1, reasonCode: 0x87 } as const;
    expect(scene.hear(acknowledged)).toEqual([]);
    scene.closed();
    expect(scene.all).toEqual([]);
    scene.start();
    expect(scene.hear(acknowledged)).toEqual([]);
    expect(scene.state).toBe('connecting');
  });

  it('a life sign before the channel is open', () => {
    scene.start();
    const life = { v: 1, state: 'offline', bdSeq: 9, bootId: 'old', why: 'lost' } as const;
    expect(scene.hear({ type: 'lifeReceived', life, retained: false })).toEqual([]);
  });

  it('an access point list before the store is read', () => {
    scene.rank();
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    expect(scene.state).toBe('idle');
    expect(scene.count('openAccess')).toBe(0);
  });
});

describe('a wait', () => {
  it('is shortened to a second at most by a path that comes back or by the right time', () => {
    for (const event of [
      { type: 'uplinkChanged', uplink: 'wan2', verdict: up('10.91.2.3') },
      { type: 'trustChanged' },
      { type: 'pathChanged', because: 'other routes' },
    ] as const) {
      scene = new Scene();
      scene.start();
      for (let round = 0; round < 8; round += 1) {
        scene.closed();
        if (round < 7) scene.nextAttempt();
      }
      expect(waitMs()).toBeGreaterThan(1_000);
      expect(scene.hear(event)).toEqual([]);
      expect(waitMs()).toBeLessThanOrEqual(1_000);
      expect(waitMs()).toBeGreaterThanOrEqual(0);
    }
  });

  it('of one second between two connections is not shortened, and none at all is needed later', () => {
    scene.start();
    scene.hear({ type: 'pathChanged', because: 'other routes' });
    scene.pass(0);
    expect(scene.state).toBe('waiting');
    expect(waitMs()).toBe(1_000);
    scene.hear({ type: 'trustChanged' });
    expect(waitMs()).toBe(1_000);
    scene.pass(5_000);
    expect(scene.state).toBe('connecting');
    scene.hear({ type: 'pathChanged', because: 'other routes' });
    scene.pass(0);
    expect(scene.state).toBe('connecting');
  });

  it('for birth is ten seconds from the moment the channel opened', () => {
    scene.start();
    scene.pass(8_000);
    scene.opened();
    scene.pass(9_999);
    expect(scene.state).toBe('registering');
    scene.pass(1);
    expect(scene.core.snapshot().lastError?.code).toBe('ETIMEOUT');
  });
});

describe('leaving', () => {
  it('takes the connection along at once when nothing was proved yet', () => {
    scene.start();
    expect(types(scene.hear({ type: 'leaveRequested' }))).toEqual(['closeAccess', 'noted', 'left']);
    expect(scene.core.deadline()).toBeUndefined();
    expect(scene.hear({ type: 'leaveRequested' })).toEqual([]);
  });

  it('closes nothing where nothing is open', () => {
    expect(types(scene.hear({ type: 'leaveRequested' }))).toEqual(['noted', 'left']);
  });

  it('is asked for once, and ends once: by the time, or by the end of the channel', () => {
    scene.start();
    scene.register();
    scene.hear({ type: 'leaveRequested' });
    expect(scene.hear({ type: 'leaveRequested' })).toEqual([]);
    const other = { type: 'publishAcknowledged', publishId: -99, reasonCode: 0 } as const;
    expect(scene.hear(other)).toEqual([]);
    scene.pass(1_999);
    expect(scene.count('left')).toBe(0);
    scene.closed();
    expect(scene.count('left')).toBe(1);
    scene.pass(600_000);
    expect(scene.count('left')).toBe(1);
    expect(scene.count('openAccess')).toBe(1);
  });
});
