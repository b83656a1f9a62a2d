/** What became of the identity that a document names for a tunnel. */
import type { TunnelId } from './tunnel.ts';

/** `prepared`: made and told, and not shown before the far end accepts it. */
export interface IdentityStand {
  readonly stage: 'prepared' | 'inUse';
  /** WireGuard: of the key pair that is meant, base64. */
  readonly publicKey?: string;
}

export interface IdentityResult {
  readonly tunnel: TunnelId;
  /** IPsec: the name of the credential. */
  readonly credential?: string;
  /** WireGuard: the generation of the key pair, 0 for the device's own. */
  readonly generation?: number;
  /** `back`: the far end did not take it in time, or it could not be shown; the one before is. */
  readonly stage: IdentityStand['stage'] | 'back';
  readonly publicKey?: string;
  /** Why it went back. */
  readonly code?: string;
}
