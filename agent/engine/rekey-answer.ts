/**
 * Whether other session keys for a tunnel make sense now, and what is answered.
 *
 * Only a tunnel whose session is Up has keys that are used: one that is silent gets others the moment its ends agree
 * again, and asking would take away the little that may still arrive.
 */
import type { TunnelId, TunnelState } from '../model/tunnel.ts';

export interface Rekeyed {
  readonly ok: boolean;
  /** `EREKEY_UNKNOWN`, `EREKEY_UNUSED`, or what the engine refuses with; absent when it went well. */
  readonly code?: string;
  readonly because: string;
}

/** Undefined: the engine may be asked. `state` is undefined where there is no such tunnel. */
export function rekeyObjection(
  tunnel: TunnelId,
  state: TunnelState | undefined,
): Rekeyed | undefined {
  if (state === undefined) {
    return { ok: false, code: 'EREKEY_UNKNOWN', because: `there is no tunnel ${tunnel}` };
  }
  if (state === 'up') return undefined;
  const because = `${tunnel} is ${state}: it gets other keys the moment its ends agree again`;
  return { ok: false, code: 'EREKEY_UNUSED', because };
}

export function rekeyAnswer(
  tunnel: TunnelId,
  refusal: { readonly code: string; readonly text: string } | undefined,
): Rekeyed {
  if (refusal === undefined) return { ok: true, because: `${tunnel} has other session keys` };
  return { ok: false, code: refusal.code, because: `${refusal.code}: ${refusal.text}` };
}
