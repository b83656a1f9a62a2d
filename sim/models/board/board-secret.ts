/**
 * The factory key of a simulated board: written once, never read out, and asked only for its word on a digest.
 */
import { createHmac } from 'node:crypto';
import { IDENTITY_PROOF_LABEL } from '../../../firmware-shim/wire/limits.ts';

/** HMAC-SHA-256 as `docs/PROTOCOL.md` words it; the cloud side computes the same to compare. */
export function identityProof(
  factoryKey: Uint8Array,
  serialNumber: string,
  digest: Uint8Array,
): Uint8Array {
  const mac = createHmac('sha256', factoryKey);
  mac.update(`${IDENTITY_PROOF_LABEL}\0${serialNumber}\0`).update(digest);
  return Uint8Array.from(mac.digest());
}
