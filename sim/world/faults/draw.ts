/** What drawing faults has in common: every drawn value is short enough to be printed and read. */
import type { SeededRandom } from '../../../firmware-shim/base/random.ts';

/** What there is to break. */
export interface FaultTargets {
  readonly uplinks: readonly string[];
  readonly gateways: readonly string[];
  readonly paths: readonly string[];
  readonly tunnels: readonly string[];
}

/** One fault that lasts for `forMs`, where it lasts. */
export type Draw<Drawn> = (random: SeededRandom, targets: FaultTargets, forMs: number) => Drawn;

export function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  const item = items[random.u32() % items.length];
  if (item === undefined) throw new Error('nothing to draw from');
  return item;
}

/** A tenth of a millisecond is as fine as a printed value should be. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
