/** The lock of a device that is too long without its gateway, and arrears: the only two that stop user traffic. */
import { describe, expect, it } from 'vitest';
import type { LockRecord } from '../../../../agent/model/data-stop.ts';
import {
  CHECKPOINT_MS,
  DataLock,
  type DataLockEffect,
  type DataLockEvent,
} from '../../../../agent/state/data-lock.ts';
import { advance } from '../../../kit/advance.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOUR_S = 3_600;

class Device {
  lock = new DataLock('machine-1');
  nowMs = 1_000;
  disk: LockRecord | undefined;
  writes = 0;
  readonly stops: unknown[] = [];
  readonly answers: unknown[] = [];

  hear(event: DataLockEvent): this {
    this.#see(this.lock.handle(event, this.nowMs));
    return this;
  }

  pass(ms: number): this {
    const untilMs = this.nowMs + ms;
    for (const { effect } of advance(this.lock, this.nowMs, untilMs)) this.#see([effect]);
    this.nowMs = untilMs;
    return this;
  }

  start(thresholdS?: number, isInArrears = false): this {
    this.hear({ type: 'restored', record: this.disk });
    return this.hear({ type: 'planned', thresholdS, isInArrears });
  }

  /** Another machine boot starts its monotonic clock anew. */
  restart(machineBoot: string, nowMs = this.nowMs): this {
    this.lock = new DataLock(machineBoot);
    this.nowMs = nowMs;
    return this;
  }

  registered(registered: boolean): this {
    return this.hear({ type: 'registrationChanged', registered });
  }

  #see(effects: readonly DataLockEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'storePut') {
        this.disk = JSON.parse(effect.value);
        this.writes += 1;
      }
      if (effect.type === 'orderFastPath' && effect.order.type === 'dataStopChanged') {
        this.stops.push(effect.order.stop);
      }
      if (effect.type === 'actionAnswered') this.answers.push(effect.requestId);
    }
  }
}

const online = (thresholdS?: number) => new Device().start(thresholdS).registered(true);

describe('without a threshold', () => {
  it.each([undefined, 0])(
    'thirty days without the gateway touch no traffic and write nothing (%s)',
    (thresholdS) => {
      const device = online(thresholdS)
        .registered(false)
        .pass(30 * DAY_MS);
      expect(device.stops).toEqual([]);
      expect(device.writes).toBe(0);
    },
  );
});

describe('the lock of a device without its gateway', () => {
  it('comes exactly at the threshold, outlasts the return of the gateway, and ends by command', () => {
    const device = online(HOUR_S)
      .registered(false)
      .pass(HOUR_MS - 1);
    expect(device.stops).toEqual([]);
    device.pass(1);
    expect(device.stops).toEqual(['securityLock']);
    device.registered(true).pass(DAY_MS);
    expect(device.stops).toEqual(['securityLock']);
    device.hear({ type: 'unlockRequested', requestId: 'c-1' });
    expect(device.stops).toEqual(['securityLock', undefined]);
    expect(device.answers).toEqual(['c-1']);
    expect(device.disk).toMatchObject({ locked: false });
  });

  it('counts from the beginning after every return', () => {
    const device = online(HOUR_S);
    for (let count = 0; count < 10; count += 1) {
      device
        .registered(false)
        .pass(HOUR_MS - 1_000)
        .registered(true)
        .pass(1_000);
    }
    expect(device.stops).toEqual([]);
  });

  it('counts on exactly over restarts of the agent', () => {
    const device = online(HOUR_S).registered(false);
    for (let count = 0; count < 5; count += 1) {
      device
        .pass(10 * 60_000)
        .restart('machine-1')
        .start(HOUR_S);
    }
    device.pass(10 * 60_000 - 1);
    expect(device.stops).toEqual([]);
    device.pass(1);
    expect(device.stops).toEqual(['securityLock']);
  });

  it('counts on over reboots of the machine, each of which spares it a checkpoint at most', () => {
    const device = online(HOUR_S)
      .registered(false)
      .pass(HOUR_MS / 2 + 1);
    device
      .restart('machine-2', 5)
      .start(HOUR_S)
      .pass(HOUR_MS / 2 - 1);
    expect(device.stops).toEqual([]);
    device.pass(CHECKPOINT_MS + 1);
    expect(device.stops).toEqual(['securityLock']);
  });

  it('is there at once after a restart, before any document', () => {
    const device = online(HOUR_S).registered(false).pass(HOUR_MS);
    const { disk } = device;
    const again = new Device().restart('machine-2', 0);
    again.disk = disk;
    again.hear({ type: 'restored', record: disk });
    expect(again.stops).toEqual(['securityLock']);
  });

  it('does not believe a record from the future of its own clock', () => {
    const device = new Device();
    device.disk = {
      v: 1,
      locked: false,
      machineBoot: 'machine-1',
      sinceMs: 10 * HOUR_MS,
      offlineMs: 0,
    };
    device.start(HOUR_S).pass(HOUR_MS - 1);
    expect(device.stops).toEqual([]);
    expect(device.pass(1).stops).toEqual(['securityLock']);
  });

  it('writes once in five minutes while it counts', () => {
    const device = online(7 * 24 * HOUR_S);
    const before = device.registered(false).writes;
    device.pass(DAY_MS);
    expect(device.writes - before).toBe(DAY_MS / CHECKPOINT_MS);
  });

  it('answers an unlock of a device that is not locked, and does nothing', () => {
    const device = online(HOUR_S).hear({ type: 'unlockRequested', requestId: 'c-1' });
    expect(device.answers).toEqual(['c-1']);
    expect(device.stops).toEqual([]);
  });
});

describe('arrears', () => {
  it('stop traffic with the document that says so, and no longer than that', () => {
    const device = online().hear({ type: 'planned', thresholdS: undefined, isInArrears: true });
    expect(device.stops).toEqual(['arrears']);
    device.hear({ type: 'planned', thresholdS: undefined, isInArrears: false });
    expect(device.stops).toEqual(['arrears', undefined]);
  });

  it('stay behind a lock, which the command ends and they do not', () => {
    const device = online(HOUR_S).registered(false).pass(HOUR_MS);
    device.hear({ type: 'planned', thresholdS: HOUR_S, isInArrears: true });
    device.hear({ type: 'unlockRequested', requestId: 'c-1' });
    expect(device.stops).toEqual(['securityLock', 'arrears']);
  });
});
