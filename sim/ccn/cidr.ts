/**
 * IPv4 prefixes: parse strictly, compare for overlap; addresses as text.
 */
export interface Cidr {
  /** Network address as an unsigned 32-bit number. */
  readonly network: number;
  readonly prefixLength: number;
}

const SHAPE = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** Undefined unless `text` is `a.b.c.d/n` with every part in range and no host bits set. */
export function parseCidr(text: string): Cidr | undefined {
  const parts = SHAPE.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [a = 256, b = 256, c = 256, d = 256, prefixLength = 33] = parts;
  if (Math.max(a, b, c, d) > 255 || prefixLength > 32) return undefined;
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const network = (address & maskOf(prefixLength)) >>> 0;
  return network === address ? { network, prefixLength } : undefined;
}

/** Dotted text of an unsigned 32-bit address. */
export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  const mask = maskOf(Math.min(a.prefixLength, b.prefixLength));
  return ((a.network ^ b.network) & mask) === 0;
}

/** Whether every address of `inner` is one of `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixLength <= inner.prefixLength && overlaps(outer, inner);
}

function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0;
}
