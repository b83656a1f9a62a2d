/** RFC 5880 section 6.8.17: a link below that is known to be broken is told of in a session that stays Up. */
import { expect, test } from 'vitest';
import { BfdFarEnd } from '../../../../agent/tunnel/bfd/bfd-far-end.ts';
import { advance } from '../../../kit/advance.ts';
import { packetsOf, upSession } from '../../../kit/bfd-peer.ts';

const DIAGNOSTIC = 6;

test('while the uplink cannot be used each packet says so, and the session stays Up', () => {
  const { session, hear } = upSession();
  expect(session.handle({ type: 'uplinkJudged', usable: false }, 20)).toEqual([]);
  const sent = (untilMs: number) =>
    packetsOf(advance(session, 20, untilMs).map(({ effect }) => effect)).map(
      ({ diagnostic }) => diagnostic,
    );
  expect(new Set(sent(120))).toEqual(new Set([DIAGNOSTIC]));
  hear({ state: 'Up' }, 120);
  expect(session.state).toBe('Up');
  session.handle({ type: 'uplinkJudged', usable: true }, 121);
  const [first, ...rest] = sent(260);
  expect(first).toBe(DIAGNOSTIC);
  expect(new Set(rest)).toEqual(new Set([0]));
});

test('a far end that is Up and says so knows why packets of its own have been missing', () => {
  const { session, hear } = upSession();
  hear({ state: 'Up' }, 20);
  expect(session.farEnd.hasBrokenLink).toBe(false);
  hear({ state: 'Up', diagnostic: DIAGNOSTIC }, 30);
  expect([session.farEnd.hasBrokenLink, session.state]).toEqual([true, 'Up']);
  hear({ state: 'Up', diagnostic: 1 }, 40);
  expect(session.farEnd.hasBrokenLink).toBe(false);
});

test('what a far end that is Down gives as its reason is no word about a link', () => {
  const { hear, session } = upSession();
  hear({ state: 'Down', diagnostic: DIAGNOSTIC }, 20);
  expect(session.farEnd.hasBrokenLink).toBe(false);
  expect(new BfdFarEnd().hasBrokenLink).toBe(false);
});
