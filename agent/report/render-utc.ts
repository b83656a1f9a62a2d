/**
 * Moments of the wall clock as people read them, computed from the number alone.
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What `Date` can hold (ECMA-262, 21.4.1.1). */
const WALL_MS_MAX = 8.64e15;

/** `2026-05-05T06:07Z`; `unknown` for what is no moment. */
export function utcMinute(wallMs: number): string {
  if (!(Math.abs(wallMs) <= WALL_MS_MAX)) return 'unknown';
  const days = Math.floor(wallMs / DAY_MS);
  const inDayMs = wallMs - days * DAY_MS;
  const clock = [inDayMs / HOUR_MS, (inDayMs % HOUR_MS) / MINUTE_MS].map((part) =>
    two(Math.floor(part)),
  );
  return `${dateOf(days)}T${clock.join(':')}Z`;
}

/** Days since 1970 in the Gregorian calendar; years are counted from March, so that the leap day is the last. */
function dateOf(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps =
    Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const calendarMonth = month < 10 ? month + 3 : month - 9;
  const year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${two(calendarMonth)}-${two(day)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
