/**
 * What came of something a port was asked to do, as data: nothing the outside world does is thrown further.
 */
import type { IdentityStand } from '../model/identity-result.ts';
import type { StepResult } from '../wiring/control-events.ts';

export async function resultOf(work: Promise<IdentityStand | void>): Promise<StepResult> {
  try {
    const identity = await work;
    return { ok: true, ...(identity !== undefined && { identity }) };
  } catch (error) {
    return { ok: false, ...faultOf(error) };
  }
}

function faultOf(error: unknown): Omit<Extract<StepResult, { readonly ok: false }>, 'ok'> {
  if (!(error instanceof Error)) return { code: 'EFAILED', text: String(error) };
  const { code, line } = error as { readonly code?: unknown; readonly line?: unknown };
  return {
    code: typeof code === 'string' ? code : 'EFAILED',
    text: error.message,
    ...(typeof line === 'number' && { line }),
  };
}
