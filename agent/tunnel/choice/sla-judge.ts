/**
 * Whether a path meets the class of its traffic: evidence takes it away, a longer time without gives it back.
 */
import type { PathQualityFigures } from '../../model/quality.ts';
import type { SlaClass, SlaLimits } from '../../model/sla.ts';

export interface SlaVerdict {
  readonly verdict: 'unknown' | 'met' | 'violated';
  /** What it is violated by, or was found to be. */
  readonly why: string;
  /** It keeps to the stricter limits at this moment: good enough to be moved to. */
  readonly good?: boolean;
  /** Weighs loss, round trip and jitter in milliseconds: less is better. */
  readonly scoreMs?: number;
}

/** Fewer tell nothing. */
export const SAMPLES_MIN = 20;
/** Loss in per cent of few probes is one unlucky probe. */
const LOST_MIN = 4;
/** A violation must last: a single burst is over before traffic could be moved for good. */
export const DEMOTE_AFTER_MS = 2_000;
export const PROMOTE_AFTER_MS = 10_000;
/** One lost packet in a hundred hurts about as much as 20 ms more (a retransmission's share). */
const LOSS_WEIGHT_MS = 20;
/**
 * Where no path is good a move must be worth it: half as bad, because the loss of a hundred probes at 15 per
 * cent varies by a quarter through chance alone.
 */
const GAIN_PART = 0.5;
const GAIN_MS_MIN = 20;

export class SlaJudge {
  #verdict: SlaVerdict = { verdict: 'unknown', why: 'nothing is measured yet' };
  #badSinceMs: number | undefined;
  #goodSinceMs: number | undefined;

  get verdict(): SlaVerdict {
    return this.#verdict;
  }

  /** True when the verdict has changed. */
  judge(figures: PathQualityFigures | undefined, sla: SlaClass, nowMs: number): boolean {
    const before = this.#verdict.verdict;
    if (figures === undefined) this.#forget();
    else if (figures.samples >= SAMPLES_MIN) this.#weigh(figures, sla, nowMs);
    return before !== this.#verdict.verdict;
  }

  #weigh(figures: PathQualityFigures, sla: SlaClass, nowMs: number): void {
    const scoreMs = scoreOf(figures);
    const tooBad = excess(figures, sla.demote);
    const notGood = excess(figures, sla.promote);
    this.#badSinceMs = tooBad === undefined ? undefined : (this.#badSinceMs ?? nowMs);
    this.#goodSinceMs = notGood === undefined ? (this.#goodSinceMs ?? nowMs) : undefined;
    const good = notGood === undefined;
    const isBad = this.#badSinceMs !== undefined && nowMs - this.#badSinceMs >= DEMOTE_AFTER_MS;
    if (isBad) {
      this.#verdict = { verdict: 'violated', why: tooBad ?? '', good, scoreMs };
      return;
    }
    if (this.#verdict.verdict === 'violated') {
      const isGood =
        this.#goodSinceMs !== undefined && nowMs - this.#goodSinceMs >= PROMOTE_AFTER_MS;
      const why = isGood ? `it keeps to class ${sla.name} again` : this.#verdict.why;
      this.#verdict = { verdict: isGood ? 'met' : 'violated', why, good, scoreMs };
      return;
    }
    // Over the limit, but not for long enough yet: the verdict stands, and nobody moves here meanwhile.
    const verdict = tooBad === undefined ? 'met' : this.#verdict.verdict;
    this.#verdict = { verdict, why: `it keeps to class ${sla.name}`, good, scoreMs };
  }

  #forget(): void {
    this.#badSinceMs = undefined;
    this.#goodSinceMs = undefined;
    this.#verdict = { verdict: 'unknown', why: 'nothing is measured now' };
  }
}

/** Whether it is worth leaving one bad path for another. */
export function isClearGain(from: SlaVerdict, to: SlaVerdict): boolean {
  if (from.scoreMs === undefined || to.scoreMs === undefined) return false;
  const gainMs = from.scoreMs - to.scoreMs;
  return gainMs >= GAIN_MS_MIN && gainMs >= from.scoreMs * GAIN_PART;
}

/** The limit that is exceeded, in words; undefined when none is. */
function excess(figures: PathQualityFigures, limits: SlaLimits): string | undefined {
  const { lossUpPercent, lossDownPercent, lostUp, lostDown, rtt } = figures;
  const { jitterUpMs = 0, jitterDownMs = 0 } = figures;
  const { lossPercentMax, rttMsMax, jitterMsMax } = limits;
  if (lostUp >= LOST_MIN && lossUpPercent > lossPercentMax) {
    return `it loses ${lossUpPercent.toFixed(1)} % on the way up (limit ${lossPercentMax} %)`;
  }
  if (lostDown >= LOST_MIN && lossDownPercent > lossPercentMax) {
    return `it loses ${lossDownPercent.toFixed(1)} % on the way down (limit ${lossPercentMax} %)`;
  }
  if (rtt !== undefined && rtt.p50Ms > rttMsMax) {
    return `its round trip is ${rtt.p50Ms.toFixed(0)} ms (limit ${rttMsMax} ms)`;
  }
  const jitterMs = Math.max(jitterUpMs, jitterDownMs);
  const way = jitterUpMs > jitterDownMs ? 'up' : 'down';
  return jitterMs > jitterMsMax
    ? `its jitter on the way ${way} is ${jitterMs.toFixed(0)} ms (limit ${jitterMsMax} ms)`
    : undefined;
}

function scoreOf(figures: PathQualityFigures): number {
  const { rtt, lossPercent, jitterUpMs = 0, jitterDownMs = 0 } = figures;
  return (rtt?.p50Ms ?? 0) + jitterUpMs + jitterDownMs + lossPercent * LOSS_WEIGHT_MS;
}
