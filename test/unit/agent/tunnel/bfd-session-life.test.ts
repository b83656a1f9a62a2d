import { describe, expect, test } from 'vitest';
import type { BfdAuthentication } from '../../../../agent/model/tunnel.ts';
import { BfdAuthenticator } from '../../../../agent/tunnel/bfd/bfd-authentication.ts';
import type { BfdPacket } from '../../../../agent/tunnel/bfd/bfd-packet.ts';
import { BfdSession } from '../../../../agent/tunnel/bfd/bfd-session.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';
import { FAST, movesOf, packetsOf, peerPacket, upSession } from '../../../kit/bfd-peer.ts';

const KEYS: BfdAuthentication = {
  type: 'meticulous-keyed-sha1',
  keys: [{ id: 1, secret: new TextEncoder().encode('sesame') }],
  sendKeyId: 1,
};

function sessionOf(authentication?: BfdAuthentication): BfdSession {
  return new BfdSession('t1', FAST, new SeededRandom(1), authentication);
}

describe('what a session tells of itself', () => {
  test('is nothing heard and no time to detect before the far end has spoken', () => {
    const session = sessionOf();
    session.handle({ type: 'enabled' }, 0);
    expect(session.snapshot(0)).toEqual({
      state: 'Down',
      remoteState: 'Down',
      detectMs: 0,
      rxPackets: 0,
      txPackets: 1,
      discarded: {},
    });
    expect([session.heard, session.peerIntervalMs, session.farEnd.peer]).toEqual([0, 0, undefined]);
  });

  test('is the far end as it last spoke, and how long ago', () => {
    const { session, hear } = upSession();
    hear({ state: 'Up', detectMult: 5, desiredMinTxMicros: 80_000 }, 30);
    expect(session.snapshot(42)).toEqual({
      state: 'Up',
      remoteState: 'Up',
      detectMs: 400,
      lastPacketAgoMs: 12,
      rxPackets: 2,
      txPackets: 2,
      discarded: {},
    });
    expect([session.heard, session.peerIntervalMs, session.farEnd.peer?.detectMult]).toEqual([
      2, 80, 5,
    ]);
  });

  test('counts each rule that was broken as often as it was', () => {
    const { session, hear } = upSession();
    hear({ yourDiscriminator: 7 }, 20);
    hear({ yourDiscriminator: 8 }, 21);
    expect(session.snapshot(21).discarded).toEqual({ 'your-discriminator-unknown': 2 });
  });

  test('is a move with both reasons, and the note of it', () => {
    const { hear } = upSession();
    const effects = hear({ state: 'Down', diagnostic: 1 }, 35);
    expect(effects.slice(1)).toEqual([
      {
        type: 'sessionMoved',
        from: 'Up',
        to: 'Down',
        cause: 'heardDown',
        diagnostic: 'Neighbor Signaled Session Down',
        peerDiagnostic: 'Control Detection Time Expired',
        silentForMs: 0,
      },
      {
        type: 'note',
        note: {
          code: 'sessionStateChanged',
          level: 'info',
          tunnel: 't1',
          from: 'Up',
          to: 'Down',
          diagnostic: 'Neighbor Signaled Session Down',
        },
      },
    ]);
  });

  test('is no silence before anything was heard', () => {
    const [move] = movesOf(sessionOf().handle({ type: 'enabled' }, 700));
    expect(move).toMatchObject({ from: 'AdminDown', to: 'Down', cause: 'enabled', silentForMs: 0 });
  });

  test('keeps its reason on the way back through Init', () => {
    const { session, hear } = upSession();
    hear({ state: 'Down' }, 20);
    const [packet] = packetsOf(hear({ state: 'Down' }, 30));
    expect(packet).toMatchObject({ state: 'Init', diagnostic: 3 });
    expect(session.state).toBe('Init');
    expect(packetsOf(hear({ state: 'Init' }, 40))[0]).toMatchObject({ state: 'Up', diagnostic: 0 });
  });
});

describe('a session that is disabled', () => {
  test('is silent and waits for nothing of the far end', () => {
    const { session } = upSession();
    session.handle({ type: 'disabled' }, 20);
    expect(movesOf(advance(session, 20, 5_000).map(({ effect }) => effect))).toEqual([]);
    expect(session.state).toBe('AdminDown');
  });

  test('says one packet when it is enabled, and learns plans before without waking up', () => {
    const session = sessionOf();
    session.handle({ type: 'timersPlanned', timers: { ...FAST, detectMult: 9 } }, 0);
    expect(session.deadline()).toBeUndefined();
    const packets = packetsOf(session.handle({ type: 'enabled' }, 10));
    expect(packets).toMatchObject([{ state: 'Down', detectMult: 9, diagnostic: 0 }]);
  });
});

describe('timers planned anew', () => {
  test('shorten the wait for the next packet at once', () => {
    const slow = { ...FAST, desiredMinTxMs: 5_000 };
    const { session, hear } = upSession(slow);
    hear({ state: 'Up', final: true, detectMult: 2 }, 20);
    hear({ state: 'Up', detectMult: 200 }, 30);
    advance(session, 30, 3_000);
    session.handle({ type: 'timersPlanned', timers: FAST }, 3_000);
    expect(session.deadline()).toMatchObject({ why: 'transmit' });
    expect(session.deadline()?.atMs).toBeLessThanOrEqual(3_050);
  });

  test('lengthen the Detection Time at once when the far end may send more slowly', () => {
    const { session, hear } = upSession();
    hear({ state: 'Up', final: true }, 20);
    advance(session, 20, 100);
    hear({ state: 'Up' }, 100);
    advance(session, 100, 200);
    session.handle({ type: 'timersPlanned', timers: { ...FAST, requiredMinRxMs: 200 } }, 200);
    const down = advance(session, 200, 3_000).find(({ effect }) => effect.type === 'sessionMoved');
    expect(down?.atMs).toBe(100 + 3 * 200);
  });

  test('start no Detection Time for a far end that was never heard', () => {
    const session = sessionOf();
    session.handle({ type: 'enabled' }, 0);
    session.handle({ type: 'timersPlanned', timers: FAST }, 10);
    expect(movesOf(advance(session, 10, 5_000).map(({ effect }) => effect))).toEqual([]);
  });
});

describe('waking late', () => {
  test('gives no grace to a session that judges nobody', () => {
    const session = sessionOf();
    session.handle({ type: 'enabled' }, 0);
    expect(session.handle({ type: 'wokeLate', lateMs: 100 }, 400)).toEqual([]);
    expect(movesOf(advance(session, 400, 5_000).map(({ effect }) => effect))).toEqual([]);
  });

  test('puts the judgement off twice and not a third time', () => {
    const { session } = upSession();
    for (const atMs of [150, 190, 230]) session.handle({ type: 'wokeLate', lateMs: 30 }, atMs);
    const down = advance(session, 230, 1_000).find(({ effect }) => effect.type === 'sessionMoved');
    expect(down?.atMs).toBe(240);
  });

  test('brings no judgement forward, and takes no grace when there is time enough', () => {
    const { session } = upSession();
    for (const atMs of [20, 30, 40, 110]) session.handle({ type: 'wokeLate', lateMs: 30 }, atMs);
    session.handle({ type: 'wokeLate', lateMs: 30 }, 150);
    const down = advance(session, 150, 1_000).find(({ effect }) => effect.type === 'sessionMoved');
    expect(down?.atMs).toBe(200);
  });
});

describe('answers to Polls and changes of state', () => {
  test('stop at forty a second, and the periodic packets go on', () => {
    const { hear, session } = upSession();
    const answers = Array.from({ length: 60 }, () =>
      packetsOf(hear({ state: 'Up', poll: true }, 20)),
    );
    const finals = answers.flat();
    expect(finals.length).toBeGreaterThan(30);
    expect(finals.length).toBeLessThan(41);
    expect(finals.every(({ final, poll }) => final && !poll)).toBe(true);
    expect(packetsOf(advance(session, 20, 80).map(({ effect }) => effect))).not.toEqual([]);
  });

  test('a packet without a Poll is answered by none', () => {
    const { hear } = upSession();
    expect(packetsOf(hear({ state: 'Up' }, 20))).toEqual([]);
  });
});

describe('a session with authentication', () => {
  const peer = () => new BfdAuthenticator(KEYS, new SeededRandom(7));

  /** Up with a peer that seals what it says. */
  function up() {
    const session = sessionOf(KEYS);
    const sealing = peer();
    const mine = packetsOf(session.handle({ type: 'enabled' }, 0))[0]?.myDiscriminator ?? 0;
    const plain = (over: Partial<BfdPacket>) => peerPacket({ yourDiscriminator: mine, ...over });
    const arrive = (bytes: Uint8Array, atMs: number) =>
      session.handle({ type: 'packetArrived', bytes }, atMs);
    const hear = (over: Partial<BfdPacket>, atMs: number) =>
      arrive(sealing.seal(plain(over)), atMs);
    hear({ state: 'Init' }, 10);
    expect(session.state).toBe('Up');
    return { session, arrive, hear, plain };
  }

  test('seals what it says', () => {
    const [effect] = sessionOf(KEYS).handle({ type: 'enabled' }, 0);
    const bytes = effect?.type === 'sendPacket' ? effect.bytes : new Uint8Array();
    expect(bytes.length).toBe(52);
    expect(peer().refusal(bytes)).toBeUndefined();
  });

  test('hears no packet that is not sealed, and none twice', () => {
    const { session, arrive, plain } = up();
    arrive(plain({ state: 'Down' }), 20);
    const replayed = peer().seal(plain({ state: 'Down' }));
    arrive(replayed, 21);
    expect(session.state).toBe('Up');
    expect(session.snapshot(21).discarded).toEqual({
      'authentication-missing': 1,
      'authentication-sequence': 1,
    });
  });

  test('hears a peer that counts from anew after twice the Detection Time of silence, and not before', () => {
    const { session, arrive, plain } = up();
    const anew = () => new BfdAuthenticator(KEYS, { u32: () => 5, next: () => 0 });
    advance(session, 10, 290);
    expect(session.state).toBe('Down');
    arrive(anew().seal(plain({ state: 'Down', yourDiscriminator: 0 })), 300);
    expect(session.state).toBe('Down');
    advance(session, 300, 320);
    arrive(anew().seal(plain({ state: 'Down', yourDiscriminator: 0 })), 330);
    expect(session.state).toBe('Init');
  });

  test('hears a peer that counts from anew once it was disabled and enabled', () => {
    const { session, arrive, plain } = up();
    session.handle({ type: 'disabled' }, 20);
    session.handle({ type: 'enabled' }, 30);
    const anew = new BfdAuthenticator(KEYS, { u32: () => 5, next: () => 0 });
    arrive(anew.seal(plain({ state: 'Down', yourDiscriminator: 0 })), 40);
    expect(session.state).toBe('Init');
  });

  test('goes on counting with other keys, and speaks plainly once authentication ends', () => {
    const { session, hear, arrive, plain } = up();
    const next: BfdAuthentication = {
      ...KEYS,
      keys: [...KEYS.keys, { id: 2, secret: new TextEncoder().encode('open') }],
      sendKeyId: 2,
    };
    session.handle({ type: 'authenticationPlanned', authentication: next }, 20);
    hear({ state: 'Up' }, 25);
    expect(session.snapshot(25).discarded).toEqual({});
    session.handle({ type: 'authenticationPlanned', authentication: undefined }, 30);
    arrive(plain({ state: 'Up' }), 35);
    expect(session.snapshot(35).rxPackets).toBe(3);
    const [farewell] = session.handle({ type: 'disabled' }, 40);
    expect(farewell?.type === 'sendPacket' && farewell.bytes.length).toBe(24);
  });

  test('begins when it is planned for a session that has none', () => {
    const { session } = upSession();
    session.handle({ type: 'authenticationPlanned', authentication: KEYS }, 20);
    const [farewell] = session.handle({ type: 'disabled' }, 40);
    expect(farewell?.type === 'sendPacket' && farewell.bytes.length).toBe(52);
  });
});

test('a path that is lost without more words is Path Down', () => {
  const { session } = upSession();
  expect(movesOf(session.handle({ type: 'pathLost' }, 20))[0]).toMatchObject({
    to: 'Down',
    cause: 'pathDown',
    diagnostic: 'Path Down',
  });
});

test('the deadline says what is waited for', () => {
  const { session, hear } = upSession();
  const whys = new Set<string>();
  hear({ state: 'Up', final: true }, 20);
  hear({ state: 'Up' }, 60);
  for (let nowMs = 60; nowMs < 400; nowMs += 1) {
    const deadline = session.deadline();
    if (deadline !== undefined) whys.add(deadline.why);
    session.tick(nowMs);
  }
  expect([...whys].toSorted()).toEqual(['detect', 'rest', 'transmit']);
});
