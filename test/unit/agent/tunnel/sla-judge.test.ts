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
