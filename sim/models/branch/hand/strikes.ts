/** What one hand that breaks things is: what it does for each kind of fault, and how it mends all of it. */
import type { WorldOptions } from '../../../world/options.ts';
import type { BranchWorld } from '../branch-world.ts';

/** One act for each kind of a union of faults. */
export type Strikes<Each extends { readonly kind: string }> = {
  readonly [Kind in Each['kind']]: (fault: Extract<Each, { readonly kind: Kind }>) => void;
};

export interface HandTools {
  readonly cast: BranchWorld;
  readonly options: WorldOptions;
  /** Acts after a while, unless everything is mended before. */
  readonly later: (afterMs: number, act: () => void) => void;
}
