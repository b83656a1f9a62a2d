/**
 * The smallest value that at least `percent` of all values do not exceed (nearest rank); 0 of nothing.
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((sorted.length * percent) / 100));
  return sorted[rank - 1] ?? 0;
}
