/** What a tunnel engine says of one tunnel: how old its keys are, where its far end is, what went through. */
import type { EngineKind, TunnelId } from './tunnel.ts';

export interface EngineTunnelStatus {
  readonly id: TunnelId;
  readonly kind: EngineKind;
  readonly deviceName: string;
  /** WireGuard: of the key pair it shows, base64. */
  readonly publicKey?: string;
  readonly lastHandshakeWallMs?: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Where the far end was last seen: `192.0.2.1:4500`. */
  readonly endpoint?: string;
  /** IPsec: what stands between the two ends now. */
  readonly security?: EngineSecurity;
}

export interface EngineSecurity {
  /** charon's number of the IKE_SA: another number is another IKE_SA. */
  readonly ikeId: number;
  readonly ikeAgeS: number;
  readonly ikeCipher: string;
  /** Inbound SPI of the newest CHILD_SA, hexadecimal. */
  readonly childSpi: string;
  readonly childAgeS: number;
  readonly childCipher: string;
}
