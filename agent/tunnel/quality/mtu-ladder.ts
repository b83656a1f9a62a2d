/**
 * Which sizes a round of the MTU search asks for at once: rungs of a ladder between what passes and what does
 * not.
 *
 * All rungs travel together, so a round costs one waiting time whatever their number, and eight of them find a
 * hole within a few bytes in three rounds.
 */
const RUNGS = 8;

/** Ascending, below `high`; with nothing known to pass the floor is asked for too. */
export function roundSizes(
  low: number | undefined,
  floor: number,
  high: number,
): readonly number[] {
  const from = low ?? floor;
  const step = (high - from) / (RUNGS + 1);
  const rungs = Array.from({ length: RUNGS }, (_, at) => Math.round(from + step * (at + 1)));
  const between = rungs.filter((size) => size > from && size < high);
  return [...new Set(low === undefined && floor < high ? [floor, ...between] : between)];
}
