/**
 * Durations as people say them: two units at most, never a bare number.
 */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `0 ms`, `0.04 ms`, `38 ms`, `1.2 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown';
  const length = Math.max(0, ms);
  if (length === 0) return '0 ms';
  if (length < 1) return `${trimmed(length, 2)} ms`;
  if (length < 10) return `${trimmed(length, 1)} ms`;
  if (length < 999.5) return `${Math.round(length)} ms`;
  if (length < 9.95 * SECOND_MS) return `${trimmed(length / SECOND_MS, 1)} s`;
  if (length < MINUTE_MS) return `${Math.floor(length / SECOND_MS)} s`;
  if (length < HOUR_MS) return pair(length, MINUTE_MS, 'min', SECOND_MS, 's');
  if (length < DAY_MS) return pair(length, HOUR_MS, 'h', MINUTE_MS, 'min');
  return pair(length, DAY_MS, 'd', HOUR_MS, 'h');
}

/** How long ago a moment was, on the clock that says it is `nowMs`. */
export function since(atMs: number, nowMs: number): string {
  return duration(nowMs - atMs);
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function pair(ms: number, bigMs: number, big: string, smallMs: number, small: string): string {
  const bigs = Math.floor(ms / bigMs);
  const smalls = Math.floor((ms % bigMs) / smallMs);
  return smalls === 0 ? `${bigs} ${big}` : `${bigs} ${big} ${smalls} ${small}`;
}
