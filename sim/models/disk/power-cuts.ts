/**
 * Lets an act of keeping run into a power cut, or into a refusal, at every one of its steps, and tells what is found.
 */
import { type ModelDisk, PowerCut } from './model-disk.ts';

export interface Aftermath {
  /** Where it happened, for the message of a test. */
  readonly at: string;
  readonly disk: ModelDisk;
}

/** Every disk that may be found after `act` was cut at any of its steps, and after it was through. */
export function* everyPowerCut(
  before: ModelDisk,
  act: (disk: ModelDisk) => void,
): Generator<Aftermath & { readonly isThrough: boolean }> {
  for (let cutAtStep = 1; ; cutAtStep += 1) {
    const disk = before.copy();
    disk.troubles = { ...before.troubles, cutAtStep };
    const isThrough = runs(() => act(disk));
    const at = isThrough ? 'after the last step' : `before step ${cutAtStep}`;
    for (const found of disk.afterPowerCut()) {
      yield { at: `${at} (${disk.steps.at(-1) ?? 'nothing'} was done)`, disk: found, isThrough };
    }
    if (isThrough) return;
  }
}

/** The disk as it stands after each step of `act` has failed with each error, one at a time. */
export function* everyRefusal<Answer>(
  before: ModelDisk,
  act: (disk: ModelDisk) => Answer,
): Generator<Aftermath & { readonly answer: Answer }> {
  for (const code of ['EIO', 'ENOSPC'] as const) {
    for (let step = 1; ; step += 1) {
      const disk = before.copy();
      disk.troubles = { failAtStep: { step, code } };
      const answer = act(disk);
      if (disk.steps.length < step) break;
      disk.troubles = {};
      yield { at: `${code} at step ${step}, ${disk.steps[step - 1]}`, disk, answer };
    }
  }
}

function runs(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof PowerCut) return false;
    throw error;
  }
}
