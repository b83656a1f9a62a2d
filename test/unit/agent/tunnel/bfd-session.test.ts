import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import type { BfdTimers } from '../../../../agent/model/tunnel.ts';
import type { BfdEffect, SessionMove } from '../../../../agent/tunnel/bfd-events.ts';
import { BFD_MOVES, type BfdCause } from '../../../../agent/tunnel/bfd-moves.ts';
import {
  type BfdPacket,
  type BfdState,
  decodeBfdPacket,
  encodeBfdPacket,
} from '../../../../agent/tunnel/bfd-packet.ts';
import { BfdSession } from '../../../../agent/tunnel/bfd-session.ts';
import { jitteredMs } from '../../../../agent/tunnel/bfd-timing.ts';
import { advance } from '../../../kit/advance.ts';
import { SessionPair } from '../../../kit/session-pair.ts';

const FAST: BfdTimers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };

function packetsOf(effects: readonly BfdEffect[]): BfdPacket[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'sendPacket') return [];
    const decoded = decodeBfdPacket(effect.bytes);
    return decoded.ok ? [decoded.packet] : [];
  });
}

function movesOf(effects: readonly BfdEffect[]): SessionMove[] {
  return effects.filter((effect) => effect.type === 'sessionMoved');
}

function peerPacket(over: Partial<BfdPacket>): Uint8Array {
  return encodeBfdPacket({
    diagnostic: 0,
    state: 'Down',
    poll: false,
    final: false,
    demand: false,
    detectMult: 3,
    myDiscriminator: 99,
    yourDiscriminator: 0,
    desiredMinTxMicros: 50_000,
    requiredMinRxMicros: 50_000,
    requiredMinEchoRxMicros: 0,
    ...over,
  });
}

/** A session that is Up with a peer of our own making, and the discriminator it uses. */
function upSession(timers = FAST) {
  const session = new BfdSession('t1', timers, new SeededRandom(1));
  const mine = packetsOf(session.handle({ type: 'enabled' }, 0))[0]?.myDiscriminator ?? 0;
  const hear = (over: Partial<BfdPacket>, atMs: number) =>
    session.handle(
      { type: 'packetArrived', bytes: peerPacket({ yourDiscriminator: mine, ...over }) },
      atMs,
    );
  hear({ state: 'Init' }, 10);
  expect(session.state).toBe('Up');
  return { session, hear, mine };
}

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

test('after Up each packet polls until a Final bit ends it, and the answer to a Poll is a Final', () => {
  const { session, hear } = upSession();
  const polls = advance(session, 10, 90).flatMap((each) => packetsOf([each.effect]));
  expect(polls.length).toBeGreaterThan(0);
  expect(polls.every((packet) => packet.poll && packet.desiredMinTxMicros === 50_000)).toBe(true);
  const answer = packetsOf(hear({ state: 'Up', poll: true }, 90));
  expect(answer).toMatchObject([{ final: true, poll: false }]);
  hear({ state: 'Up', final: true }, 91);
  const after = advance(session, 91, 200).flatMap((each) => packetsOf([each.effect]));
  expect(after.every((packet) => !packet.poll)).toBe(true);
});

test('a slower interval waits for the Final bit, because the far end still expects the old one', () => {
  const { session, hear } = upSession();
  hear({ state: 'Up', final: true }, 20);
  hear({ state: 'Up', detectMult: 50 }, 21);
  advance(session, 21, 200);
  session.handle({ type: 'timersPlanned', timers: { ...FAST, desiredMinTxMs: 400 } }, 200);
  const before = advance(session, 200, 300).flatMap((each) => packetsOf([each.effect]));
  expect(before.length).toBeGreaterThanOrEqual(2);
  expect(before[0]).toMatchObject({ poll: true, desiredMinTxMicros: 400_000 });
  hear({ state: 'Up', final: true, detectMult: 50 }, 301);
  const after = advance(session, 301, 710).flatMap((each) => packetsOf([each.effect]));
  expect(after.length).toBe(1);
});

test('a change while a Poll Sequence runs waits for the next one, because a Final does not say what it has heard', () => {
  const { session, hear } = upSession();
  const slow = { ...FAST, desiredMinTxMs: 400 };
  advance(session, 10, 60);
  session.handle({ type: 'timersPlanned', timers: slow }, 60);
  hear({ state: 'Up', detectMult: 50 }, 70);
  const first = advance(session, 70, 150).flatMap((each) => packetsOf([each.effect]));
  expect(first.every((packet) => packet.poll && packet.desiredMinTxMicros === 50_000)).toBe(true);
  hear({ state: 'Up', final: true }, 151);
  // A belated Final of the first Poll vouches for nothing.
  hear({ state: 'Up', final: true }, 160);
  const resting = advance(session, 160, 290).flatMap((each) => packetsOf([each.effect]));
  expect(resting.every((packet) => packet.desiredMinTxMicros === 50_000)).toBe(true);
  hear({ state: 'Up', detectMult: 50 }, 295);
  const second = advance(session, 295, 400).flatMap((each) => packetsOf([each.effect]));
  expect(second.at(-1)).toMatchObject({ poll: true, desiredMinTxMicros: 400_000 });
});

test.each([
  ['pathDown', 'Path Down'],
  ['concatenatedPathDown', 'Concatenated Path Down'],
  ['reverseConcatenatedPathDown', 'Reverse Concatenated Path Down'],
  ['forwardingPlaneReset', 'Forwarding Plane Reset'],
] as const)(
  'what else is known of the path takes the session Down by its name: %s',
  (because, diagnostic) => {
    const { session } = upSession();
    const effects = session.handle({ type: 'pathLost', because }, 20);
    expect(movesOf(effects)[0]).toMatchObject({ to: 'Down', diagnostic });
  },
);

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

test('jitter takes 0 to 25 per cent off, and with multiplier 1 at least 10', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 10, max: 5_000 }),
      (seed, mult, ms) => {
        const got = jitteredMs(ms, mult, new SeededRandom(seed));
        expect(got).toBeGreaterThanOrEqual(0.75 * ms);
        expect(got).toBeLessThanOrEqual((mult === 1 ? 0.9 : 1) * ms);
      },
    ),
  );
});

test('discriminators are never zero and differ from session to session', () => {
  const zero = { next: () => 0, u32: () => 0 };
  const session = new BfdSession('t1', FAST, zero);
  expect(packetsOf(session.handle({ type: 'enabled' }, 0))[0]?.myDiscriminator).not.toBe(0);
});

test('the table of moves lets no session reach Up but from Down or Init', () => {
  const froms: BfdState[] = ['AdminDown', 'Down', 'Init', 'Up'];
  const toUp = froms.flatMap((from) =>
    Object.entries(BFD_MOVES[from])
      .filter(([, to]) => to === 'Up')
      .map(([cause]) => `${from} ${cause as BfdCause}`),
  );
  expect(toUp).toEqual(['Down heardInit', 'Init heardInit', 'Init heardUp']);
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
