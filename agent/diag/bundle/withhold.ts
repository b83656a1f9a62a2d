/**
 * Takes secrets out of text that leaves the box, whoever put them there: private keys, keys by their shape, and values
 * by the names they stand behind.
 */
const WITHHELD = '(secret withheld)';

/** PEM blocks of any private key; one that is cut off is withheld up to where the text ends. */
const PEM =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g;
/** WireGuard keys, private and public look alike. */
const WIREGUARD = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])/g;
/** `psk: x`, `"password":"x"`, `token=x`, `Authorization: Bearer x`. */
const NAMED =
  /(["']?(?<![A-Za-z])(?:psk|pre[-_]?shared[-_]?key|secret|password|passwd|passphrase|token|private[-_]?key|authorization|cookie)["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}\]]+(?: [^\s,;}\]]+)?)/gi;
/** Keys of kernel security associations, as `ip xfrm state` prints them. */
const XFRM = /\b(auth|auth-trunc|enc|aead|comp) (\S+) 0x[0-9a-fA-F]+/g;

export function withheld(text: string): string {
  return text
    .replaceAll(PEM, WITHHELD)
    .replaceAll(NAMED, (_all, name: string, value: string) =>
      value.startsWith('"') ? `${name}"${WITHHELD}"` : `${name}${WITHHELD}`,
    )
    .replaceAll(WIREGUARD, WITHHELD)
    .replaceAll(XFRM, `$1 $2 ${WITHHELD}`);
}
