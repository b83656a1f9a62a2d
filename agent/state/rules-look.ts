/** When the tables of rules are compared with what was written. */
import type { Timers } from '../../firmware-shim/base/timers.ts';
import type { ObservedState } from './observed-state.ts';

/** A table of rules that somebody removed is missed for at most this, also when the kernel's word was missed. */
export const RULES_CHECK_MS = 30_000;
/** Somebody who rewrites all rules does it in several steps; and whoever fights with us does not get our processor. */
export const RULES_TOUCHED_MS = 500;

/** Somebody has changed them: soon, unless nothing was written yet. */
export function lookAfterTouch(
  { packetRules }: ObservedState,
  timers: Pick<Timers<'rules'>, 'at' | 'set'>,
  nowMs: number,
): void {
  if (packetRules === undefined) return;
  timers.set('rules', Math.min(timers.at('rules') ?? Infinity, nowMs + RULES_TOUCHED_MS));
}
