/** What a session keeps, in which order, and what it loses to its bounds. */
import type { Packet } from 'mqtt-packet';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConnectRequest } from '../../../../sim/live/gateway/connect-request.ts';
import { QUEUE_MAX, SUBSCRIPTIONS_MAX } from '../../../../sim/live/gateway/limits.ts';
import { Session } from '../../../../sim/live/gateway/session.ts';
import { SessionTable } from '../../../../sim/live/gateway/session-table.ts';

const QOS1 = { qos: 1, retainAsPublished: false, noLocal: false } as const;

interface Sent {
  readonly topic: string;
  readonly messageId: number;
  readonly dup: boolean;
}

let session: Session;
let sent: Sent[];

beforeEach(() => {
  session = new Session('sag-1');
  session.subscribe('cmd/+', QOS1);
  sent = [];
});

function outlet(packet: Packet): boolean {
  sent.push(packet as Packet & Sent);
  return true;
}

function message(topic: string, more: object = {}) {
  return { topic, payload: new Uint8Array(1), retain: false, ...more };
}

const topics = () => sent.map(({ topic }) => topic);

describe('deliveries', () => {
  test('no more than the receive maximum is in flight, and the rest follows each PUBACK in order', () => {
    session.attach(outlet, 2, 0);
    for (const id of ['1', '2', '3', '4']) session.forward(message(`cmd/${id}`), 0);
    expect(topics()).toEqual(['cmd/1', 'cmd/2']);
    expect(session.acknowledged(sent[0]?.messageId ?? 0, 0)).toBe(true);
    expect(topics()).toEqual(['cmd/1', 'cmd/2', 'cmd/3']);
    expect(session.acknowledged(999, 0)).toBe(false);
  });

  test('what was in flight goes out again, marked, before what waits', () => {
    session.attach(outlet, 1, 0);
    session.forward(message('cmd/1'), 0);
    session.forward(message('cmd/2'), 0);
    session.detach();
    sent = [];
    session.attach(outlet, 8, 0);
    expect(sent).toMatchObject([
      { topic: 'cmd/1', dup: true },
      { topic: 'cmd/2', dup: false },
    ]);
  });

  test('a device that is away keeps a bounded queue', () => {
    for (let id = 0; id < QUEUE_MAX; id += 1) {
      expect(session.forward(message(`cmd/${id}`), 0)).toBe('queued');
    }
    expect(session.forward(message('cmd/more'), 0)).toBe('dropped');
    expect(session.dropped).toBe(1);
  });

  test('an expired message is not delivered', () => {
    session.forward(message('cmd/1', { expiresAtMs: 100 }), 0);
    session.forward(message('cmd/2', { expiresAtMs: 200 }), 0);
    session.attach(outlet, 8, 150);
    expect(topics()).toEqual(['cmd/2']);
  });

  test('of retained messages that wait only the newest of a topic counts', () => {
    session.subscribe('desired', QOS1);
    session.forward(message('desired', { retain: true, payload: Uint8Array.of(1) }), 0);
    session.forward(message('desired', { retain: true, payload: Uint8Array.of(2) }), 0);
    session.attach(outlet, 8, 0);
    expect(sent).toMatchObject([{ topic: 'desired', payload: Buffer.from([2]) }]);
  });

  test('a device hears itself unless it asked not to', () => {
    session.attach(outlet, 8, 0);
    session.subscribe('life', QOS1);
    expect(session.forward(message('life', { own: true }), 0)).toBe('sent');
    session.subscribe('life', { ...QOS1, noLocal: true });
    expect(session.forward(message('life', { own: true }), 0)).toBe('not-subscribed');
    expect(session.forward(message('life'), 0)).toBe('sent');
  });

  test('subscriptions are bounded and renewing one is free', () => {
    for (let id = 1; id < SUBSCRIPTIONS_MAX; id += 1) {
      expect(session.subscribe(`cmd/${id}`, QOS1)).toBe('new');
    }
    expect(session.subscribe('cmd/more', QOS1)).toBeUndefined();
    expect(session.subscribe('cmd/+', QOS1)).toBe('renewed');
    expect(session.forward(message('other'), 0)).toBe('not-subscribed');
  });
});

describe('wills', () => {
  const will = { topic: 'life', payload: Uint8Array.of(9), retain: true, delayMs: 5_000 };
  const request: ConnectRequest = {
    serialNumber: 'sag-1',
    cleanStart: false,
    keepAliveS: 10,
    sessionExpiryS: 60,
    receiveMaximum: 10,
    packetBytesMax: 1_000,
    will,
  };
  const lost = { withWill: true, sessionExpiryS: 60 };

  function table() {
    const wills: string[] = [];
    return { wills, sessions: new SessionTable((serialNumber) => wills.push(serialNumber)) };
  }

  test('a will waits its delay and is published once', () => {
    const { wills, sessions } = table();
    sessions.connected(request);
    sessions.disconnected('sag-1', lost, 0);
    sessions.sweep(4_999);
    expect(wills).toEqual([]);
    sessions.sweep(5_000);
    sessions.sweep(6_000);
    expect(wills).toEqual(['sag-1']);
  });

  test('a device that returns in time takes its will back and finds its session', () => {
    const { wills, sessions } = table();
    sessions.connected(request);
    sessions.disconnected('sag-1', lost, 0);
    expect(sessions.connected({ ...request, will: undefined }).present).toBe(true);
    sessions.sweep(10_000);
    expect(wills).toEqual([]);
  });

  test('a clean start ends the former session, and with it publishes the will', () => {
    const { wills, sessions } = table();
    sessions.connected(request);
    sessions.disconnected('sag-1', lost, 0);
    expect(sessions.connected({ ...request, cleanStart: true }).present).toBe(false);
    expect(wills).toEqual(['sag-1']);
  });

  test('a session that ends before the delay publishes the will at its end', () => {
    const { wills, sessions } = table();
    sessions.connected(request);
    sessions.disconnected('sag-1', { withWill: true, sessionExpiryS: 2 }, 0);
    sessions.sweep(2_000);
    expect(wills).toEqual(['sag-1']);
    expect(sessions.of('sag-1')).toBeUndefined();
  });

  test('a goodbye discards the will and a session of no expiry', () => {
    const { wills, sessions } = table();
    sessions.connected(request);
    sessions.disconnected('sag-1', { withWill: false, sessionExpiryS: 0 }, 0);
    sessions.sweep(100_000);
    expect(wills).toEqual([]);
    expect(sessions.awayCount).toBe(0);
  });
});
