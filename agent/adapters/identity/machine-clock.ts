/**
 * Puts the machine's clock right, because OpenSSL judges certificates by it besides our own check.
 */
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import type { IdentityNote } from '../../model/notes/identity-note.ts';

/** The note that says why it stays wrong; undefined when it is right now. */
export function setMachineClock(wallMs: number): IdentityNote | undefined {
  const error = loadNative().setWallClock(wallMs);
  if (error === '') return undefined;
  const because = `setting it needs CAP_SYS_TIME (${error}); TLS goes by it besides our own check`;
  return { code: 'clockNotSet', level: 'warning', because };
}
