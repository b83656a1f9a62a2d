/**
 * Whom the agent believes to be a gateway, besides what OpenSSL checks: the chain at the time the agent trusts, and
 * the revocation list of the CA.
 *
 * The list is a file signed by the CA, so it does not matter who brings it, and nobody but the CA can shorten it. One
 * that is older than it wants to be still counts: its successor comes over the very channel that refusing would close.
 * Asking a responder (OCSP) would need a second channel and a good clock before there is either.
 */
import { verify, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { DetailedPeerCertificate } from 'node:tls';
import {
  normalSerialNumber,
  type RevocationList,
  readRevocationList,
} from '../../contract/revocation-list.ts';
import { type ChainFault, certificatesIn, judgeChain } from '../identity/certificate-chain.ts';

export interface GatewayTrustOptions {
  /** PEM: the pinned CAs. */
  readonly ca: string;
  /** Revocation list of a pinned CA, DER or PEM. */
  readonly crlFile?: string | undefined;
  /** The time the agent trusts. */
  readonly trustedMs: () => number;
}

/** Refused by us, after OpenSSL had nothing against it. */
export class GatewayDistrusted extends Error {
  override readonly name = 'GatewayDistrusted';
  readonly code: string;
  /** Of a chain that is a gateway's in every other respect: from when on. The CA has lived that moment. */
  readonly beginsMs: number | undefined;

  constructor(code: string, message: string, beginsMs?: number) {
    super(message);
    this.code = code;
    this.beginsMs = beginsMs;
  }
}

const CODES: Readonly<Record<ChainFault, string>> = {
  untrusted: 'ETLS_UNTRUSTED',
  expired: 'ETLS_EXPIRED',
  notYet: 'ETLS_NOT_YET',
  usage: 'ETLS_USAGE',
};
/** A list of ten thousand entries is smaller. */
const CRL_BYTES_MAX = 1024 * 1024;
/** Of certificates of one gateway. */
const CHAIN_MAX = 8;
const PEM_LIST = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/;

export class GatewayTrust {
  readonly #options: GatewayTrustOptions;
  readonly #pinned: readonly X509Certificate[];
  #list:
    | { readonly version: string; readonly revoked: ReadonlySet<string> | undefined }
    | undefined;

  constructor(options: GatewayTrustOptions) {
    this.#options = options;
    this.#pinned = certificatesIn(options.ca);
  }

  /** Why this chain is not a gateway's now; undefined when it is one. Leaf first. */
  objection(chain: readonly X509Certificate[]): GatewayDistrusted | undefined {
    const objection = this.#objectionAt(this.#options.trustedMs(), chain);
    const beginsMs = objection?.beginsMs;
    if (beginsMs === undefined || this.#objectionAt(beginsMs, chain) === undefined)
      return objection;
    return new GatewayDistrusted(CODES.notYet, objection?.message ?? '');
  }

  #objectionAt(atMs: number, chain: readonly X509Certificate[]): GatewayDistrusted | undefined {
    const verdict = judgeChain(chain, this.#pinned, 'server', atMs);
    if (!verdict.ok) {
      const { code, text, beginsMs } = verdict;
      return new GatewayDistrusted(CODES[code], text, beginsMs);
    }
    const { crlFile } = this.#options;
    if (crlFile === undefined) return undefined;
    const revoked = this.#revoked(crlFile);
    // A configured list that cannot be used is a mistake of ours, and must not pass for an empty one.
    if (revoked === undefined) {
      const text = `${crlFile} is no revocation list of a CA of this network`;
      return new GatewayDistrusted('ETLS_CRL', text);
    }
    const isRevoked = verdict.path.some(({ serialNumber }) =>
      revoked.has(normalSerialNumber(serialNumber)),
    );
    return isRevoked
      ? new GatewayDistrusted('ETLS_REVOKED', 'the certificate of the gateway is revoked')
      : undefined;
  }

  /** Read again when the file has changed: a new list needs no restart. */
  #revoked(crlFile: string): ReadonlySet<string> | undefined {
    try {
      const { mtimeMs, ino, size } = statSync(crlFile);
      const version = `${mtimeMs} ${ino} ${size}`;
      if (this.#list?.version !== version) {
        const list = size > CRL_BYTES_MAX ? undefined : readList(readFileSync(crlFile));
        const isGenuine = list !== undefined && this.#pinned.some((ca) => isSignedBy(list, ca));
        this.#list = { version, revoked: isGenuine ? list.serialNumbers : undefined };
      }
      return this.#list.revoked;
    } catch {
      return undefined;
    }
  }
}

/** The chain of a handshake as Node tells it, leaf first; a self-signed end names itself as its issuer. */
export function peerChain(leaf: DetailedPeerCertificate): readonly X509Certificate[] {
  const raw: Uint8Array[] = [];
  for (let each = leaf; !raw.includes(each.raw) && raw.length < CHAIN_MAX; ) {
    raw.push(each.raw);
    if (each.issuerCertificate === undefined) break;
    each = each.issuerCertificate;
  }
  return raw.map((der) => new X509Certificate(der));
}

function readList(bytes: Uint8Array): RevocationList | undefined {
  const pem = PEM_LIST.exec(Buffer.from(bytes).toString('latin1'));
  return readRevocationList(pem === null ? bytes : Buffer.from(pem[1] ?? '', 'base64'));
}

function isSignedBy({ signed, signature }: RevocationList, ca: X509Certificate): boolean {
  return verify('sha256', signed, ca.publicKey, signature);
}
