/**
 * Judges a chain of certificates at a given moment: does it lead to a pinned CA, is every link of it valid then, and
 * is it for this purpose.
 *
 * OpenSSL judges the same by the clock of the machine, which may be years off after a start without a battery;
 * this is asked in addition, with the time the agent trusts. The stricter of both wins.
 */
import { X509Certificate } from 'node:crypto';

export type ChainVerdict =
  /** From the leaf up to and with the pinned CA. */
  | { readonly ok: true; readonly path: readonly X509Certificate[] }
  | {
      readonly ok: false;
      readonly code: ChainFault;
      readonly text: string;
      /** With `notYet`: from when on every link of it is. */
      readonly beginsMs?: number;
    };
export type ChainFault = 'untrusted' | 'expired' | 'notYet' | 'usage';

/** Extended key usages (RFC 5280, 4.2.1.12). */
const USAGES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
/** Leaf, two intermediates and the CA are more than any CCN has. */
const DEPTH_MAX = 4;
const CERTIFICATES_MAX = 16;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in its order. Throws for one that is none. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  return blocks.slice(0, CERTIFICATES_MAX).map((block) => new X509Certificate(block));
}

/** `chain` begins with the leaf; what follows may be in any order. */
export function judgeChain(
  chain: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  purpose: keyof typeof USAGES,
  atMs: number,
): ChainVerdict {
  const [leaf, ...others] = chain;
  if (leaf === undefined) return fault('untrusted', 'there is no certificate');
  const path = pathTo(leaf, others, trusted);
  if (path === undefined) return fault('untrusted', 'it does not lead to a CA of this network');
  for (const certificate of path) {
    const { validFromDate, validToDate } = certificate;
    if (atMs < validFromDate.getTime()) {
      const beginsMs = Math.max(...path.map((each) => each.validFromDate.getTime()));
      const text = `a certificate begins only at ${validFromDate.toISOString()}`;
      return { ...fault('notYet', text), beginsMs };
    }
    if (atMs > validToDate.getTime()) {
      return fault('expired', `a certificate ended at ${validToDate.toISOString()}`);
    }
  }
  if (leaf.ca || !(leaf.keyUsage ?? []).includes(USAGES[purpose])) {
    return fault('usage', `the certificate is not for a ${purpose}`);
  }
  return { ok: true, path };
}

/**
 * CAs that follow the pinned ones: self-signed ones in a device's chain whose key a CA in force has certified (the "new
 * with old" certificate of RFC 4210, 4.4). Only the CA can name its successor; a gateway, which has no CA key, cannot.
 */
export function successorsIn(
  chain: readonly X509Certificate[],
  pinned: readonly X509Certificate[],
): readonly X509Certificate[] {
  const links = chain.filter(
    (each) => each.subject !== each.issuer && pinned.some((ca) => isIssuer(ca, each)),
  );
  return chain.filter(
    (root) =>
      isIssuer(root, root) &&
      links.some((link) => link.ca && link.subject === root.subject && hasSameKey(link, root)),
  );
}

function hasSameKey(one: X509Certificate, other: X509Certificate): boolean {
  return one.publicKey.equals(other.publicKey);
}

/** From the leaf up to and with a pinned CA. */
function pathTo(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  const path = [leaf];
  while (path.length < DEPTH_MAX) {
    const last = path.at(-1) ?? leaf;
    const anchor = trusted.find((each) => isIssuer(each, last));
    if (anchor !== undefined) return [...path, anchor];
    const next = others.find((each) => !path.includes(each) && isIssuer(each, last));
    if (next === undefined) return undefined;
    path.push(next);
  }
  return undefined;
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function fault(code: ChainFault, text: string) {
  return { ok: false, code, text } as const;
}
