/**
 * What device and gateway say to each other about the device's certificate, on `identity/ask` and `identity/answer`.
 *
 * Enrolment (no certificate yet): `enrol`, `challenge`, `prove`, `issued`. Renewal (over mutual TLS): `renew`,
 * `issued`. The factory key itself never travels, and the device's private key never leaves it.
 */
export type IdentityAsk =
  /** A certificate request, PKCS #10 (RFC 2986) in PEM. */
  | { readonly v: 1; readonly kind: 'enrol'; readonly request: string }
  /** The factory key's word on nonce and request, base64. */
  | { readonly v: 1; readonly kind: 'prove'; readonly proof: string }
  | { readonly v: 1; readonly kind: 'renew'; readonly request: string };

export type IdentityAnswer =
  /** 32 bytes nobody could foresee, base64; good for one proof and a short time. */
  | { readonly v: 1; readonly kind: 'challenge'; readonly nonce: string }
  /** The device's certificate and what leads to the CCN's CA, PEM. */
  | { readonly v: 1; readonly kind: 'issued'; readonly certificate: string }
  | {
      readonly v: 1;
      readonly kind: 'refused';
      readonly code: IdentityRefusalCode;
      readonly sentence: string;
    };

/**
 * Why a certificate was not issued: the id or the request is malformed; serial number and key do not belong
 * together, or nobody knows them; the identity is in use elsewhere; the challenge is too old; too much at once.
 */
export const IDENTITY_REFUSALS = [
  'EENROL_ID',
  'EENROL_REQUEST',
  'EENROL_PROOF',
  'EENROL_CLONE',
  'EENROL_CHALLENGE',
  'EENROL_BUSY',
] as const;

export type IdentityRefusalCode = (typeof IDENTITY_REFUSALS)[number];

/** Begins what the digest of a proof is made of, so that no other protocol's text can be mistaken for it. */
export const ENROLMENT_LABEL = 'sag-enrolment-1';

/** A chain of four certificates in PEM is far shorter. */
export const PEM_CHARACTERS_MAX = 16_384;
