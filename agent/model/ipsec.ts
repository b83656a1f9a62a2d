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

export interface IpsecParameters {
  /** IKE identities: a host name, an address, `user@host` or a distinguished name. */
  readonly localIdentity: string;
  readonly remoteIdentity: string;
  readonly credential: CredentialReference;
  /** Who sets the tunnel up; `initiator` when absent. A hub that waits for branches is the `responder`. */
  readonly role?: 'initiator' | 'responder';
  /** Outer source address; when absent the routing decides and MOBIKE (RFC 4555) follows it. */
  readonly localAddress?: string;
  /** In strongSwan's words; sound modern ones when absent. */
  readonly ikeProposals?: readonly string[];
  readonly espProposals?: readonly string[];
  /** When session keys are renewed, before the random share is taken off; 4 h and 1 h when absent. */
  readonly ikeRekeyS?: number;
  readonly childRekeyS?: number;
}
