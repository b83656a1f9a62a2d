import { expect, test } from 'vitest';
import { BfdSession } from '../../../../agent/tunnel/bfd/bfd-session.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';
import { FAST, movesOf, packetsOf, upSession } from '../../../kit/bfd-peer.ts';
import { SessionPair } from '../../../kit/session-pair.ts';

test('two sessions come Up within the slow second and then send at the wanted interval', () => {
  const pair = new SessionPair(FAST, 1);
  pair.run(3_000);
  expect(pair.a.state).toBe('Up');
  expect(pair.b.state).toBe('Up');
  expect(pair.upAtMs()).toBeLessThan(1_100);
  expect(pair.a.snapshot(3_000).detectMs).toBe(150);
});

test('silence beyond the detection time is Down with diagnostic 1, and not a moment before', () => {
  const { session } = upSession();
  const seen = advance(session, 10, 400);
  const down = seen.find((each) => each.effect.type === 'sessionMoved');
  expect(down?.atMs).toBe(160);
  expect(down?.effect).toMatchObject({
    cause: 'silence',
    diagnostic: 'Control Detection Time Expired',
    silentForMs: 150,
  });
});

test('the detection time shortens as soon as the peer speaks faster', () => {
  const { session, hear } = upSession();
  hear({ state: 'Up', desiredMinTxMicros: 1_000_000 }, 20);
  expect(session.snapshot(20).detectMs).toBe(3_000);
  hear({ state: 'Up', desiredMinTxMicros: 50_000 }, 30);
  const down = advance(session, 30, 1_000).find((each) => each.effect.type === 'sessionMoved');
  expect(down?.atMs).toBe(180);
});

test('the detection time counts with the multiplier of the peer, not with ours', () => {
  const { session, hear } = upSession();
  hear({ state: 'Up', detectMult: 10 }, 20);
  expect(session.snapshot(20).detectMs).toBe(500);
});

test('every change of state is told to the far end at once', () => {
  const { session, hear } = upSession();
  const effects = hear({ state: 'Down', diagnostic: 1 }, 20);
  expect(packetsOf(effects)[0]).toMatchObject({ state: 'Down', diagnostic: 3 });
  expect(movesOf(effects)[0]).toMatchObject({
    from: 'Up',
    to: 'Down',
    peerDiagnostic: 'Control Detection Time Expired',
  });
  expect(session.state).toBe('Down');
});

test('one-way loss is heard from the far end before our own detection time ends', () => {
  const pair = new SessionPair(FAST, 3);
  pair.run(3_000);
  pair.lose('toB', true);
  pair.run(4_000);
  const downs = pair.moves.filter((each) => each.to === 'Down' && each.atMs > 3_000);
  expect(downs.map((each) => [each.end, each.cause])).toEqual([
    ['b', 'silence'],
    ['a', 'heardDown'],
  ]);
  expect((downs[1]?.atMs ?? 0) - (downs[0]?.atMs ?? 0)).toBeLessThan(5);
});

test('nothing faster than a packet a second leaves before Up, and never less than three quarters of it', () => {
  const session = new BfdSession('t1', FAST, new SeededRandom(4));
  session.handle({ type: 'enabled' }, 0);
  const at = advance(session, 0, 60_000).map((each) => each.atMs);
  const gaps = at.map((ms, index) => ms - (at[index - 1] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(750);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
});

test('a peer that wants fewer packets than we offer gets fewer', () => {
  const { session, hear } = upSession();
  hear({ state: 'Up', requiredMinRxMicros: 200_000, detectMult: 50 }, 20);
  const sent = advance(session, 20, 1_020).flatMap((each) => packetsOf([each.effect]));
  expect(sent.length).toBeLessThanOrEqual(7);
});

test('a peer that wants no packets at all gets none, and one in demand mode none once both are Up', () => {
  for (const quiet of [{ requiredMinRxMicros: 0 }, { demand: true, final: true }]) {
    const { session, hear } = upSession();
    hear({ state: 'Up', detectMult: 50, ...quiet }, 20);
    expect(advance(session, 20, 1_000).flatMap((each) => packetsOf([each.effect]))).toEqual([]);
  }
});

test('a peer in demand mode goes on hearing us until both ends are Up', () => {
  const { session, hear } = upSession();
  hear({ state: 'Init', demand: true, detectMult: 50 }, 20);
  expect(session.state).toBe('Up');
  const sent = advance(session, 20, 1_000).flatMap((each) => packetsOf([each.effect]));
  expect(sent.length).toBeGreaterThan(10);
});

test('disabling says AdminDown three times and hears nothing from then on', () => {
  const { session, hear } = upSession();
  const farewell = packetsOf(session.handle({ type: 'disabled' }, 20));
  expect(farewell.map((packet) => [packet.state, packet.diagnostic])).toEqual(
    Array.from({ length: 3 }, () => ['AdminDown', 7]),
  );
  expect(hear({ state: 'Up' }, 21)).toEqual([]);
  expect(session.snapshot(21).discarded).toEqual({ 'admin-down': 1 });
});

test('a far end that goes AdminDown takes us Down, and its reason is kept', () => {
  const { hear } = upSession();
  const moved = movesOf(hear({ state: 'AdminDown', diagnostic: 7 }, 20))[0];
  expect(moved).toMatchObject({
    to: 'Down',
    cause: 'heardAdminDown',
    peerDiagnostic: 'Administratively Down',
  });
});

test('after a Detection Time of silence the peer is a stranger again', () => {
  const { session } = upSession();
  advance(session, 10, 200);
  const next = advance(session, 200, 1_300).flatMap((each) => packetsOf([each.effect]));
  expect(next[0]).toMatchObject({ state: 'Down', yourDiscriminator: 0 });
});

test('a restarted peer with a new discriminator brings the session back through Down', () => {
  const { session, hear } = upSession();
  hear({ state: 'Down', myDiscriminator: 1234, yourDiscriminator: 0 }, 30);
  expect(session.state).toBe('Down');
  const answer = hear({ state: 'Down', myDiscriminator: 1234, yourDiscriminator: 0 }, 40);
  expect(packetsOf(answer)[0]).toMatchObject({ state: 'Init', yourDiscriminator: 1234 });
});

test('forged packets are counted by the rule they break and never move the session', () => {
  const { session, hear } = upSession();
  hear({ state: 'Down', yourDiscriminator: 7 }, 20);
  hear({ state: 'Up', yourDiscriminator: 0 }, 21);
  hear({ state: 'AdminDown', myDiscriminator: 0 }, 22);
  session.handle({ type: 'packetArrived', bytes: new Uint8Array(3) }, 23);
  expect(session.state).toBe('Up');
  expect(session.snapshot(23).discarded).toEqual({
    'your-discriminator-unknown': 1,
    'your-discriminator-zero': 1,
    'my-discriminator-zero': 1,
    'too-short': 1,
  });
});

test('waking late puts the judgement off by one interval of the peer', () => {
  const { session } = upSession();
  session.handle({ type: 'wokeLate', lateMs: 300 }, 400);
  const down = advance(session, 400, 1_000).find((each) => each.effect.type === 'sessionMoved');
  expect(down?.atMs).toBe(450);
});

test('a thread that is always late still judges', () => {
  const { session } = upSession();
  let nowMs = 150;
  while (session.state === 'Up' && nowMs < 2_000) {
    nowMs += 40;
    session.handle({ type: 'wokeLate', lateMs: 30 }, nowMs);
    session.tick(nowMs);
  }
  expect(nowMs).toBeLessThan(400);
});

test('packets that were read before the judgement count, however late the judgement is', () => {
  const { session, hear } = upSession();
  hear({ state: 'Up' }, 395);
  expect(movesOf(session.tick(400))).toEqual([]);
});

test('discriminators are never zero and differ from session to session', () => {
  const zero = { next: () => 0, u32: () => 0 };
  const session = new BfdSession('t1', FAST, zero);
  expect(packetsOf(session.handle({ type: 'enabled' }, 0))[0]?.myDiscriminator).not.toBe(0);
});

test('two per cent of loss each way over an hour gives no more false downs than the theory of three losses', () => {
  const pair = new SessionPair(FAST, 11);
  pair.run(3_000);
  pair.lossRatio = 0.02;
  pair.run(3_600_000);
  // p^3 per interval: 3,600 s / 50 ms x 0.02^3 is about 0.6 a direction; jitter makes room for a few more.
  expect(pair.moves.filter((each) => each.cause === 'silence').length).toBeLessThan(20);
  expect(pair.a.state).toBe('Up');
});
