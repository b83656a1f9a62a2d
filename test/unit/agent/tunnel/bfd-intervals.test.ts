import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jitteredMs } from '../../../../agent/tunnel/bfd/bfd-timing.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';
import { FAST, packetsOf, upSession } from '../../../kit/bfd-peer.ts';

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
