/**
 * What an IPsec tunnel needs beyond what every tunnel needs: who the two ends are and how they prove it (IKEv2,
 * RFC 7296).
 *
 * Secrets never travel in here: a credential is known by its name and lies in the state directory.
 */

export interface CredentialReference {
  readonly kind: 'psk' | 'certificate';
  /** Base name of its files in the state directory. */
  readonly name: string;
}

/** What the gateway may want of an IPsec tunnel: everything but what only this device knows. */
export interface DesiredIpsec {
  /**
   * IKE identities: a host name, an address, `user@host` or a distinguished name. No two tunnels to one hub share
   * theirs: a hub tells its branches' tunnels apart by nothing else.
   */
  readonly localIdentity: string;
  readonly remoteIdentity: string;
  readonly credential: CredentialReference;
  /** In strongSwan's words; sound modern ones when absent. */
  readonly ikeProposals?: readonly string[];
  readonly espProposals?: readonly string[];
  /** When session keys are renewed, before the random share is taken off; 4 h and 1 h when absent. */
  readonly ikeRekeyS?: number;
  readonly childRekeyS?: number;
}

export interface IpsecParameters extends DesiredIpsec {
  /** Who sets the tunnel up; `initiator` when absent. A hub that waits for branches is the `responder`. */
  readonly role?: 'initiator' | 'responder';
  /** Outer source address; when absent the routing decides and MOBIKE (RFC 4555) follows it. */
  readonly localAddress?: string;
}

/**
 * The certificate this device shows the access gateway too. It is never written anywhere else, so that one identity
 * is provisioned, renewed and revoked in one place.
 */
export const DEVICE_CREDENTIAL: CredentialReference = { kind: 'certificate', name: 'device' };
/** One proposal: `aes256gcm16-prfsha256-x25519`. */
export const PROPOSAL_PATTERN = '^[a-z0-9_]{1,32}(?:-[a-z0-9_]{1,32}){0,6}$';
/** Becomes a file name. */
export const CREDENTIAL_NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$';
export const IDENTITY_CHARACTERS_MAX = 255;
/** More often than this keys are renewed all the time. */
export const REKEY_S_MIN = 10;
