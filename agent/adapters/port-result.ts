/**
 * What came of something a port was asked to do, as data: nothing the outside world does is thrown further.
 */
import type { StepResult } from '../wiring/control-events.ts';

export async function resultOf(work: Promise<void>): Promise<StepResult> {
  try {
    await work;
    return { ok: true };
  } catch (error) {
    return { ok: false, ...faultOf(error) };
  }
}

function faultOf(error: unknown): { readonly code: string; readonly text: string } {
  if (!(error instanceof Error)) return { code: 'EFAILED', text: String(error) };
  const { code } = error as { readonly code?: unknown };
  return { code: typeof code === 'string' ? code : 'EFAILED', text: error.message };
}
