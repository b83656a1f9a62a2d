/**
 * The ustar format (POSIX.1-1988), as far as a bundle of small regular files needs it.
 */
const BLOCK = 512;
/** Name field of the header; ours are short and made by us. */
const NAME_MAX = 100;
const CHECKSUM_AT = 148;
const CHECKSUM_LENGTH = 8;
const SPACE = 0x20;

const encoder = new TextEncoder();

/** Header and bytes of one file, padded to whole blocks. */
export function tarEntry(name: string, bytes: Uint8Array, modifiedS: number): Uint8Array {
  const entry = new Uint8Array(BLOCK + Math.ceil(bytes.length / BLOCK) * BLOCK);
  entry.set(header(name, bytes.length, modifiedS));
  entry.set(bytes, BLOCK);
  return entry;
}

/** Two empty blocks end an archive. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * BLOCK);
}

function header(name: string, size: number, modifiedS: number): Uint8Array {
  if (name.length > NAME_MAX || !/^[a-z0-9][a-zA-Z0-9._/-]*$/.test(name) || name.includes('..'))
    throw new RangeError(`${name} is no name for a file in a bundle`);
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => block.set(encoder.encode(text), at);
  const octal = (value: number, digits: number): string =>
    Math.max(0, Math.floor(value)).toString(8).padStart(digits, '0');
  put(0, name);
  put(100, '0000600\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${octal(size, 11)}\0`);
  put(136, `${octal(modifiedS, 11)}\0`);
  block.fill(SPACE, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_LENGTH);
  put(156, '0');
  put(257, 'ustar\x0000');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(CHECKSUM_AT, `${octal(sum, 6)}\0 `);
  return block;
}
