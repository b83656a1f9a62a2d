/**
 * How often plain loss alone takes a session Down: the arithmetic behind every choice of interval and multiplier.
 *
 * A sender spaces its packets by 75 to 100 per cent of the interval, so the Detection Time of `m` intervals after a
 * packet that came through holds at least `m` further packets and, ever more rarely, one or two more. All of them
 * must be lost. Each packet that comes through starts one such trial.
 */
const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
/** Section 6.8.7 of RFC 5880: uniform between these parts of the interval, on average half-way. */
const JITTER_FROM = 0.75;
const JITTER_MEAN = 0.875;
/** With a multiplier of 1 the gap stays below 90 per cent. */
const JITTER_MEAN_AT_ONE = 0.825;
/** Beyond so many more packets than the multiplier the chance is nothing even at half the packets lost. */
const MORE_PACKETS_MAX = 8;

export interface OddsQuestion {
  readonly intervalMs: number;
  readonly detectMult: number;
  /** Of packets one way, 0 to 1; taken as the same both ways. */
  readonly lossRatio: number;
  /** 1 asks for the packets of one end only; a session falls by either. */
  readonly directions?: 1 | 2;
}

export interface FalseDownOdds {
  /** Expected time between two false Downs; Infinity without loss. */
  readonly meanMsBetween: number;
  readonly perMonth: number;
  readonly sentence: string;
}

export function falseDownOdds(question: OddsQuestion): FalseDownOdds {
  const { intervalMs, detectMult, lossRatio, directions = 2 } = question;
  const meanMsBetween = oneWayMs(intervalMs, detectMult, lossRatio) / directions;
  return oddsOf(meanMsBetween, question);
}

/** Whichever of two directions falls silent first takes the session Down. */
export function eitherOf(a: number, b: number): number {
  return 1 / (1 / a + 1 / b);
}

function oddsOf(meanMsBetween: number, question: OddsQuestion): FalseDownOdds {
  const { intervalMs, detectMult, lossRatio } = question;
  const percent = Number((lossRatio * 100).toPrecision(2));
  const often =
    meanMsBetween === Infinity ? 'no false Down' : `one false Down in ${spanWords(meanMsBetween)}`;
  return {
    meanMsBetween,
    perMonth: MONTH_MS / meanMsBetween,
    sentence: `${intervalMs} ms x ${detectMult} at ${percent} % loss: ${often}`,
  };
}

function oneWayMs(intervalMs: number, detectMult: number, lossRatio: number): number {
  if (lossRatio <= 0) return Infinity;
  if (lossRatio >= 1) return detectMult * intervalMs;
  const fails = failureOf(detectMult, lossRatio);
  const mean = detectMult === 1 ? JITTER_MEAN_AT_ONE : JITTER_MEAN;
  const trialMs = (mean * intervalMs) / (1 - lossRatio);
  return trialMs * (1 / fails - 1) + detectMult * intervalMs;
}

/** The chance that all packets of one Detection Time are lost. */
function failureOf(detectMult: number, lossRatio: number): number {
  if (detectMult === 1) return lossRatio;
  let fails = 0;
  let atLeast = 1;
  for (let packets = detectMult; packets <= detectMult + MORE_PACKETS_MAX; packets += 1) {
    const more = chanceWithin(packets + 1, detectMult);
    fails += (atLeast - more) * lossRatio ** packets;
    atLeast = more;
  }
  return fails;
}

/** The chance that so many jittered gaps together are shorter than `intervals` intervals. */
function chanceWithin(gaps: number, intervals: number): number {
  const spread = (intervals - JITTER_FROM * gaps) / (1 - JITTER_FROM);
  return spread > gaps / 2 ? 1 - irwinHall(gaps, gaps - spread) : irwinHall(gaps, spread);
}

/** The distribution of the sum of `n` uniform numbers from 0 to 1, for `x` up to half of `n`. */
function irwinHall(n: number, x: number): number {
  let sum = 0;
  let choose = 1;
  for (let k = 0; k <= Math.floor(x); k += 1) {
    sum += (k % 2 === 0 ? 1 : -1) * choose * Math.exp(n * Math.log(x - k) - logFactorial(n));
    choose = (choose * (n - k)) / (k + 1);
  }
  return Math.min(1, Math.max(0, sum));
}

function logFactorial(n: number): number {
  let sum = 0;
  for (let k = 2; k <= n; k += 1) sum += Math.log(k);
  return sum;
}

/** Coarse on purpose: these are odds, not a timetable. */
function spanWords(ms: number): string {
  const [size, unit] = (
    [
      [365 * DAY_MS, 'years'],
      [DAY_MS, 'days'],
      [3_600_000, 'hours'],
      [60_000, 'minutes'],
    ] as const
  ).find(([each]) => ms >= 2 * each) ?? [1_000, 'seconds'];
  const count = ms / size;
  if (unit === 'years' && count > 1_000) return 'more than 1,000 years';
  return `${Number(count.toPrecision(2))} ${unit}`;
}
