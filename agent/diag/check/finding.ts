/**
 * What one look at one thing says: an outcome, the evidence for it and what to do, in English and Chinese.
 */

/** One sentence in both languages. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

/**
 * `passed` and `failed` are proved; `degraded` means that something is broken while another way stands; `unknown`
 * means that nobody can tell here, with the reason as evidence; `blocked` means that what it needs is broken.
 */
export type Outcome = 'passed' | 'degraded' | 'failed' | 'unknown' | 'blocked';

export interface Judgement {
  readonly outcome: Outcome;
  readonly evidence: readonly Text[];
  readonly advice: readonly Text[];
}

export function text(en: string, zh: string): Text {
  return { en, zh };
}

export function passed(...evidence: readonly Text[]): Judgement {
  return { outcome: 'passed', evidence, advice: [] };
}

export function unknown(...evidence: readonly Text[]): Judgement {
  return { outcome: 'unknown', evidence, advice: [] };
}

export function failed(evidence: Text, ...advice: readonly Text[]): Judgement {
  return { outcome: 'failed', evidence: [evidence], advice };
}

export function degraded(evidence: Text, ...advice: readonly Text[]): Judgement {
  return { outcome: 'degraded', evidence: [evidence], advice };
}

/** The outcome of several equal ways (uplinks, tunnels, gateways): one that stands makes the broken ones degraded. */
export function eitherOf(parts: readonly Judgement[], none: Text): Judgement {
  const told = parts.filter(({ outcome }) => outcome !== 'unknown');
  const evidence = parts.flatMap((part) => part.evidence);
  const advice = parts.flatMap((part) => part.advice);
  if (parts.length === 0) return unknown(none);
  if (told.length === 0) return unknown(...evidence);
  const standing = told.filter(({ outcome }) => outcome === 'passed' || outcome === 'degraded');
  if (standing.length === 0) return { outcome: 'failed', evidence, advice };
  const whole = told.every(({ outcome }) => outcome === 'passed');
  return { outcome: whole ? 'passed' : 'degraded', evidence, advice: whole ? [] : advice };
}

/** Several things that must all be well. */
export function allOf(parts: readonly Judgement[]): Judgement {
  const order: readonly Outcome[] = ['failed', 'degraded', 'passed', 'unknown'];
  const worst = order.find((each) => parts.some(({ outcome }) => outcome === each)) ?? 'unknown';
  const shown =
    worst === 'failed' || worst === 'degraded'
      ? parts.filter(({ outcome }) => outcome === 'failed' || outcome === 'degraded')
      : parts;
  return {
    outcome: worst,
    evidence: shown.flatMap(({ evidence }) => evidence),
    advice: shown.flatMap(({ advice }) => advice),
  };
}
