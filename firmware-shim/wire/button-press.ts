/**
 * What a press of a board's RESET button asks for, by how long it was held.
 *
 * A short press resets the password; the hold of a factory reset is as documented for each model. Between the two
 * a press asks for nothing: who let go too early changed their mind.
 */
import type { BoardModel } from './messages.ts';

export type PressMeaning = 'passwordReset' | 'factoryReset' | 'nothing';

export interface PressRule {
  /** Held for less than this is a short press. The limit is ours: no page says what short is. */
  readonly shortMs: number;
  readonly factoryResetMs: number;
}

export const PRESS_RULES: Readonly<Record<BoardModel, PressRule>> = {
  'sag-1000': { shortMs: 1_000, factoryResetMs: 5_000 },
  'sag-100wm': { shortMs: 1_000, factoryResetMs: 3_000 },
};

/** Shorter than this is a bouncing contact and no press. */
const BOUNCE_MS = 30;

export function pressMeaning(model: BoardModel, heldMs: number): PressMeaning {
  const { shortMs, factoryResetMs } = PRESS_RULES[model];
  if (heldMs >= factoryResetMs) return 'factoryReset';
  return heldMs >= BOUNCE_MS && heldMs < shortMs ? 'passwordReset' : 'nothing';
}
