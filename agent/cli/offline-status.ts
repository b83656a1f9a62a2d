/**
 * `sagctl status --offline`: what the kernel and the state directory say of a box whose agent is dead.
 */
import { readKernel } from '../adapters/check/check-kernel.ts';
import { readStored } from '../adapters/check/check-state.ts';
import { offlineView } from '../diag/offline-view.ts';
import type { View } from '../diag/view.ts';
import type { Invocation } from './arguments.ts';
import { configOf } from './offline-config.ts';

export async function offlineStatus(invocation: Invocation): Promise<View> {
  const { config, configProblem } = configOf(invocation);
  const stored = config && readStored(config);
  const kernel = await readKernel();
  return offlineView({
    uplinks: config?.uplinks ?? [],
    ...(configProblem !== undefined && { configProblem }),
    ...(stored !== undefined && { stored }),
    ...(kernel !== undefined && { kernel }),
  });
}
