/**
 * The steps of the reconciler as the simulated branch takes them: on its engine and its kernel, each answered once.
 */
import type { StepResult } from '../../../agent/state/reconciler-events.ts';
import type { ControlEffect } from '../../../agent/wiring/control-events.ts';
import type { KernelResult } from '../../../firmware-shim/kernel/operations.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import type { BranchEngine } from './branch-engine.ts';

export type StepEffect = Extract<ControlEffect, { readonly stepId: number }>;

export interface BranchHands {
  readonly engine: BranchEngine;
  readonly kernel: Kernel;
}

export function takeStep(
  effect: StepEffect,
  { engine, kernel }: BranchHands,
  answer: (result: StepResult) => void,
): void {
  switch (effect.type) {
    case 'ensureTunnel':
    case 'turnIdentity':
    case 'moveTunnel':
      return engine.ensure(effect.spec, answer);
    case 'removeTunnel':
      return engine.remove(effect.tunnel, answer);
    case 'serveDhcp':
    case 'applyRules':
    case 'checkRules':
      // No simulated host asks for an address. The simulated kernel filters nothing; packets of the echo flow fit every path.
      return answer({ ok: true });
    case 'performKernel':
      return kernel.perform(effect.operation, (result) => answer(stepResultOf(result)));
  }
}

function stepResultOf(result: KernelResult): StepResult {
  if (result.ok) return { ok: true };
  return { ok: false, code: result.refusal.code, text: result.refusal.text };
}
