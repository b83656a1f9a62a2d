/**
 * The contract of whatever makes tunnels exist, IPsec and WireGuard alike; its bodies are in `agent/adapters`.
 */
import type { EngineTunnelStatus } from './model/engine-status.ts';
import type { CredentialReference } from './model/ipsec.ts';
import type { EngineNote } from './model/notes/engine-note.ts';
import type { EngineKind, TunnelId, TunnelSpec } from './model/tunnel.ts';

export interface EngineCapabilities {
  readonly kind: EngineKind;
  /** Then tunnels carry traffic on while the engine's daemon, if it has one, is away. */
  readonly inKernel: boolean;
  /** False: only BFD can tell that a tunnel is dead. */
  readonly reportsDown: boolean;
  /** Whether `rekeyNow` does anything. */
  readonly rekeysOnDemand: boolean;
  readonly identities: readonly Credential['kind'][];
}

export type EngineEvent = {
  readonly type: 'engineLost';
  readonly tunnel: TunnelId;
  readonly why: string;
};

/** What one end proves itself with, or what it accepts of the far end. */
export type Credential =
  /** WireGuard: a key pair of our own, 0 the device's; `prepare` makes it and answers with its public half. */
  | { readonly kind: 'own-key'; readonly generation: number }
  | { readonly kind: 'psk'; readonly name: string; readonly secret: string }
  /** IPsec: one that lies on this device already. */
  | { readonly kind: 'provisioned'; readonly reference: CredentialReference }
  /** PEM texts. */
  | {
      readonly kind: 'certificate';
      readonly name: string;
      readonly certificate: string;
      readonly key: string;
      readonly ca: string;
    };

/**
 * The stages of an identity's rotation. After `prepare` both identities are accepted and the old one is shown; after
 * `switch` the new one is shown and the old one still accepted; `retire` forgets the old one. `back` returns from
 * `prepare` or `switch` to the old one alone.
 */
export type RotationStage =
  | { readonly stage: 'prepare'; readonly next: Credential }
  | { readonly stage: 'switch' }
  | { readonly stage: 'retire' }
  | { readonly stage: 'back' };

/** What of a tunnel's outside has moved: the gateway, or our own address on the uplink. */
export interface TunnelEndpoints {
  readonly remote?: { readonly address: string; readonly port: number };
  readonly localAddress?: string;
}

/**
 * Makes tunnels exist. It may only speed up Down; only BFD declares a tunnel usable.
 *
 * All operations are idempotent. `ensure` returns when the device exists and is configured, not when it is
 * up. `list` finds tunnels a former run left behind, so that they are adopted and never torn down in vain.
 * Rejections carry an `EngineRefused` with a stable code; `EENGINE_UNSUPPORTED` for what this engine cannot do and
 * `EENGINE_UNKNOWN` for a tunnel that was never ensured.
 */
export interface TunnelEngine {
  capabilities(): EngineCapabilities;
  /** The device's public key; the private one never leaves the state directory. Empty where there is none. */
  publicKey(): Promise<string>;
  ensure(spec: TunnelSpec): Promise<void>;
  /** Makes the ends shake hands anew unless they just did; rejects with `EENGINE_NOT_UP` after `waitMs`. */
  initiate(id: TunnelId, waitMs: number): Promise<void>;
  status(id: TunnelId): Promise<EngineTunnelStatus | undefined>;
  list(): Promise<readonly EngineTunnelStatus[]>;
  /** Re-homes a tunnel. */
  setEndpoint(id: TunnelId, endpoints: TunnelEndpoints): Promise<void>;
  /** Answers, where the far end must learn something, with what may be shown to everybody. */
  rotateIdentity(id: TunnelId, stage: RotationStage): Promise<string | undefined>;
  /** Renews the session keys now; resolves when the new ones are in use. */
  rekeyNow(id: TunnelId): Promise<void>;
  remove(id: TunnelId): Promise<void>;
  onEvent(listener: (event: EngineEvent) => void): void;
  onNote(listener: (note: EngineNote) => void): void;
  /** `keep` leaves the tunnels carrying traffic (fail static). */
  close(tunnels: 'keep' | 'remove'): Promise<void>;
}

export class EngineRefused extends Error {
  override readonly name = 'EngineRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
