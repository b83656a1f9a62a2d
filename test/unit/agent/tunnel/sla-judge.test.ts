import { expect, test } from 'vitest';
import type { PathQualityFigures } from '../../../../agent/model/quality.ts';
import { SLA_CLASSES } from '../../../../agent/model/sla.ts';
import { isClearGain, SlaJudge } from '../../../../agent/tunnel/choice/sla-judge.ts';

const STANDARD = SLA_CLASSES.standard;

function figures(over: Partial<PathQualityFigures> = {}): PathQualityFigures {
  return {
    samples: 100,
    windowMs: 10_000,
    lossPercent: 0,
    lostUp: 0,
    lostDown: 0,
    lostUnknown: 0,
    lossUpPercent: 0,
    lossDownPercent: 0,
    rttSamples: 100,
    rtt: { p50Ms: 30, p95Ms: 40, p99Ms: 50, maxMs: 60 },
    jitterUpMs: 1,
    jitterDownMs: 1,
    ...over,
  };
}

const lossy = (percent: number) =>
  figures({ lostUp: percent, lossUpPercent: percent, lossPercent: percent });

/** Judged once a second; returns the verdict after each. */
function judged(judge: SlaJudge, each: PathQualityFigures, seconds: number, from = 0) {
  return Array.from({ length: seconds }, (_, at) => {
    judge.judge(each, STANDARD, from + at * 1_000);
    return judge.verdict.verdict;
  });
}

test('every class takes a path back at stricter limits than it gives it up', () => {
  for (const { demote, promote } of Object.values(SLA_CLASSES)) {
    expect(promote.lossPercentMax).toBeLessThan(demote.lossPercentMax);
    expect(promote.rttMsMax).toBeLessThan(demote.rttMsMax);
    expect(promote.jitterMsMax).toBeLessThan(demote.jitterMsMax);
  }
});

test.each([
  [lossy(9), /loses 9.0 % on the way up \(limit 5 %\)/],
  [figures({ lostDown: 8, lossDownPercent: 8 }), /on the way down/],
  [figures({ rtt: { p50Ms: 500, p95Ms: 600, p99Ms: 700, maxMs: 700 } }), /round trip is 500 ms/],
  [figures({ jitterDownMs: 150 }), /jitter on the way down is 150 ms/],
])('a limit that is exceeded for two seconds is a violation that names it', (bad, why) => {
  const judge = new SlaJudge();
  expect(judged(judge, figures(), 1)).toEqual(['met']);
  expect(judged(judge, bad, 4, 1_000)).toEqual(['met', 'met', 'violated', 'violated']);
  expect(judge.verdict.why).toMatch(why);
});

test('a single bad second is no evidence', () => {
  const judge = new SlaJudge();
  judged(judge, figures(), 1);
  judged(judge, lossy(30), 1, 1_000);
  expect(judged(judge, figures(), 1, 2_000)).toEqual(['met']);
});

test('a violated path is taken back after ten good seconds, and between the limits it stays away', () => {
  const judge = new SlaJudge();
  judged(judge, lossy(20), 4);
  expect(judge.verdict.verdict).toBe('violated');
  expect(new Set(judged(judge, lossy(4), 30, 4_000))).toEqual(new Set(['violated']));
  const back = judged(judge, figures(), 12, 40_000);
  expect(back.indexOf('met')).toBe(10);
});

test('too few probes tell nothing, and few lost ones are no percentage', () => {
  const judge = new SlaJudge();
  judged(judge, figures({ samples: 19, lostUp: 19, lossUpPercent: 100 }), 5);
  expect(judge.verdict.verdict).toBe('unknown');
  judged(judge, figures({ samples: 30, lostUp: 3, lossUpPercent: 10 }), 5, 5_000);
  expect(judge.verdict.verdict).toBe('met');
});

test('one bad path is left for another only for a gain worth it', () => {
  const at = (scoreMs: number) => ({ verdict: 'violated', why: '', scoreMs }) as const;
  expect(isClearGain(at(500), at(240))).toBe(true);
  expect(isClearGain(at(500), at(300))).toBe(false);
  expect(isClearGain(at(30), at(15))).toBe(false);
  expect(isClearGain({ verdict: 'unknown', why: '' }, at(15))).toBe(false);
});

test.each([
  ['four lost of a hundred and just over the limit', { lostUp: 4, lossUpPercent: 5.1 }, true],
  ['three lost, whatever the percentage', { lostUp: 3, lossUpPercent: 90 }, false],
  ['just at the limit on the way up', { lostUp: 5, lossUpPercent: 5 }, false],
  ['just at the limit on the way down', { lostDown: 5, lossDownPercent: 5 }, false],
  ['four lost on the way down', { lostDown: 4, lossDownPercent: 5.1 }, true],
  ['three lost on the way down', { lostDown: 3, lossDownPercent: 90 }, false],
  ['no round trip at all', { rtt: undefined }, false],
  ['no jitter known', { jitterUpMs: undefined, jitterDownMs: undefined }, false],
])('a limit is exceeded or not: %s', (_, over, isExceeded) => {
  const judge = new SlaJudge();
  judged(judge, { ...figures(), ...over } as PathQualityFigures, 3);
  expect(judge.verdict.verdict).toBe(isExceeded ? 'violated' : 'met');
});

test('the limits themselves are kept to, a millisecond more is not', () => {
  const { rttMsMax, jitterMsMax } = STANDARD.demote;
  const rtt = (p50Ms: number) => ({ rtt: { p50Ms, p95Ms: 900, p99Ms: 900, maxMs: 900 } });
  const verdictOf = (over: Partial<PathQualityFigures>) =>
    judged(new SlaJudge(), figures(over), 3)[2];
  expect([verdictOf(rtt(rttMsMax)), verdictOf(rtt(rttMsMax + 1))]).toEqual(['met', 'violated']);
  for (const way of ['jitterUpMs', 'jitterDownMs']) {
    expect(verdictOf({ [way]: jitterMsMax })).toBe('met');
    expect(verdictOf({ [way]: jitterMsMax + 1 })).toBe('violated');
  }
});

test('a violation is told in one sentence with its figure, its way and its limit', () => {
  const { rttMsMax, jitterMsMax, lossPercentMax } = STANDARD.demote;
  const why = (over: Partial<PathQualityFigures>) => {
    const judge = new SlaJudge();
    judged(judge, figures(over), 3);
    return judge.verdict.why;
  };
  expect(why({ lostDown: 8, lossDownPercent: 8 })).toBe(
    `it loses 8.0 % on the way down (limit ${lossPercentMax} %)`,
  );
  expect(why({ rtt: { p50Ms: 500, p95Ms: 600, p99Ms: 700, maxMs: 700 } })).toBe(
    `its round trip is 500 ms (limit ${rttMsMax} ms)`,
  );
  expect(why({ jitterUpMs: 151.4, jitterDownMs: 2 })).toBe(
    `its jitter on the way up is 151 ms (limit ${jitterMsMax} ms)`,
  );
  expect(why({ jitterUpMs: 2, jitterDownMs: 151.4 })).toBe(
    `its jitter on the way down is 151 ms (limit ${jitterMsMax} ms)`,
  );
});

test('a verdict says whether it has changed, why it stands, and how good the path is now', () => {
  const judge = new SlaJudge();
  expect(judge.verdict).toEqual({ verdict: 'unknown', why: 'nothing is measured yet' });
  const at = (each: PathQualityFigures | undefined, s: number) =>
    judge.judge(each, STANDARD, s * 1_000);
  expect([at(figures(), 0), at(figures(), 1)]).toEqual([true, false]);
  const keeps = 'it keeps to class standard';
  // 30 ms there and back, 1 ms of jitter each way.
  expect(judge.verdict).toEqual({ verdict: 'met', why: keeps, good: true, scoreMs: 32 });
  expect([at(lossy(20), 2), at(lossy(20), 3)]).toEqual([false, false]);
  // One in a hundred lost weighs 20 ms.
  expect(judge.verdict).toEqual({ verdict: 'met', why: keeps, good: false, scoreMs: 432 });
  expect(at(lossy(20), 4)).toBe(true);
  const loses = 'it loses 20.0 % on the way up (limit 5 %)';
  const violated = { verdict: 'violated', why: loses };
  expect(judge.verdict).toEqual({ ...violated, good: false, scoreMs: 432 });
  expect(at(figures(), 5)).toBe(false);
  expect(judge.verdict).toEqual({ ...violated, good: true, scoreMs: 32 });
  expect([at(figures(), 14), at(figures(), 15)]).toEqual([false, true]);
  expect(judge.verdict).toMatchObject({ verdict: 'met', why: 'it keeps to class standard again' });
  expect(at(undefined, 16)).toBe(true);
  expect(judge.verdict).toEqual({ verdict: 'unknown', why: 'nothing is measured now' });
  expect(at(undefined, 17)).toBe(false);
});

test('what was bad or good before nothing was measured does not count afterwards', () => {
  const judge = new SlaJudge();
  judge.judge(lossy(20), STANDARD, 0);
  judge.judge(undefined, STANDARD, 1_000);
  expect(judged(judge, lossy(20), 3, 2_000)).toEqual(['unknown', 'unknown', 'violated']);
  judge.judge(figures(), STANDARD, 10_000);
  judge.judge(lossy(4), STANDARD, 15_000);
  expect(judged(judge, figures(), 11, 16_000).indexOf('met')).toBe(10);
});

test('a gain is worth a move from 20 ms and from half of what was, not just below either', () => {
  const at = (scoreMs?: number) =>
    ({ verdict: 'violated', why: '', ...(scoreMs === undefined ? {} : { scoreMs }) }) as const;
  expect([isClearGain(at(40), at(20)), isClearGain(at(40), at(21))]).toEqual([true, false]);
  expect([isClearGain(at(100), at(50)), isClearGain(at(100), at(51))]).toEqual([true, false]);
  expect([isClearGain(at(22), at(3)), isClearGain(at(), at(1)), isClearGain(at(90), at())]).toEqual(
    [false, false, false],
  );
});
