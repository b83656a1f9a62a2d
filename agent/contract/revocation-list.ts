/**
 * Reads a certificate revocation list (RFC 5280, section 5): which serial numbers its issuer has taken back.
 *
 * As much DER as that needs, bounded by the bytes there are; whatever is not as it should be makes the list unreadable.
 * Whether its signature is the CA's is for the caller, who knows the CA.
 */
export interface RevocationList {
  /** What the signature is over, and the signature. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number | undefined;
  /** Hexadecimal, in capitals, without leading zeros. */
  readonly serialNumbers: ReadonlySet<string>;
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
/** A CCN that has taken back more certificates than this has another trouble. */
const ENTRIES_MAX = 10_000;

class Malformed extends Error {}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** Undefined for bytes that are no revocation list. */
export function readRevocationList(der: Uint8Array): RevocationList | undefined {
  try {
    const [list, ...rest] = elementsOf(der);
    if (rest.length > 0) return undefined;
    const [signedList, , bits] = elementsOf(expected(list, SEQUENCE).content);
    const signature = expected(bits, BIT_STRING).content;
    // The first byte counts unused bits, and a signature has none.
    if (signature[0] !== 0) return undefined;
    return {
      ...readSigned(elementsOf(expected(signedList, SEQUENCE).content)),
      signed: expected(signedList, SEQUENCE).whole,
      signature: signature.subarray(1),
    };
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

type Signed = Pick<RevocationList, 'thisUpdateMs' | 'nextUpdateMs' | 'serialNumbers'>;

function readSigned(elements: readonly Element[]): Signed {
  // Version, where there is one, then signature algorithm and issuer.
  const at = elements[0]?.tag === INTEGER ? 3 : 2;
  const [thisUpdate, ...others] = elements.slice(at);
  const [next] = others;
  const hasNext = next !== undefined && isTime(next);
  const entries = others[hasNext ? 1 : 0];
  const revoked = entries?.tag === SEQUENCE ? elementsOf(entries.content) : [];
  if (revoked.length > ENTRIES_MAX) throw new Malformed();
  return {
    thisUpdateMs: timeOf(thisUpdate),
    nextUpdateMs: hasNext ? timeOf(next) : undefined,
    serialNumbers: new Set(revoked.map(serialNumberOf)),
  };
}

/** An integer has at least one byte (X.690, 8.3.1). */
function serialNumberOf(entry: Element): string {
  const [serialNumber] = elementsOf(expected(entry, SEQUENCE).content);
  const { content } = expected(serialNumber, INTEGER);
  if (content.length === 0) throw new Malformed();
  return hexOf(content);
}

function elementsOf(bytes: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, first] = [bytes[at], bytes[at + 1]];
    if (tag === undefined || first === undefined) throw new Malformed();
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || lengthBytes > 4) throw new Malformed();
    let length = lengthBytes === 0 ? first : 0;
    for (const byte of bytes.subarray(at + 2, at + 2 + lengthBytes)) length = length * 256 + byte;
    const from = at + 2 + lengthBytes;
    if (from + length > bytes.length) throw new Malformed();
    const end = from + length;
    elements.push({ tag, content: bytes.subarray(from, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return elements;
}

function expected(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new Malformed();
  return element;
}

function isTime({ tag }: Element): boolean {
  return tag === UTC_TIME || tag === GENERALIZED_TIME;
}

/** `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`; the other forms are not allowed here (RFC 5280, 5.1.2.4). */
function timeOf(element: Element | undefined): number {
  if (element === undefined || !isTime(element)) throw new Malformed();
  const { tag, content } = element;
  // Before it becomes the arguments of a call, of which there may be only so many.
  if (content.length !== (tag === UTC_TIME ? 13 : 15)) throw new Malformed();
  const text = String.fromCharCode(...content);
  const digits = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (digits === null) throw new Malformed();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits
    .slice(1)
    .map(Number);
  const century = tag === UTC_TIME ? (year >= 50 ? 1900 : 2000) : 0;
  return Date.UTC(century + year, month - 1, day, hour, minute, second);
}

function hexOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return normalSerialNumber(hex);
}

/** However a certificate's serial number was printed. */
export function normalSerialNumber(hex: string): string {
  return hex.toUpperCase().replace(/^0+(?=.)/, '');
}
