/**
 * The seal on a file: length and CRC-32 of its content, so that a torn, mixed or foreign file is known as such.
 *
 * It guards against accidents, not against people: the directory is readable and writable for its owner alone.
 */
import { crc32 } from '../../firmware-shim/wire/crc32.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('latin1');
const NEWLINE = 0x0a;
/** `sag1 `, ten digits of length at most, eight of CRC. */
const HEAD_BYTES_MAX = 32;

/** `sag1 <bytes> <crc32>` and a newline before the content. */
export function sealed(content: Uint8Array): Uint8Array {
  const head = encoder.encode(`sag1 ${sealOf(content)}\n`);
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return bytes;
}

/** The content, when the seal is whole. */
export function unsealed(bytes: Uint8Array): Uint8Array | undefined {
  const end = bytes.subarray(0, HEAD_BYTES_MAX).indexOf(NEWLINE);
  if (end < 0) return undefined;
  const content = bytes.subarray(end + 1);
  const head = decoder.decode(bytes.subarray(0, end));
  return head === `sag1 ${sealOf(content)}` ? content : undefined;
}

/** Length and checksum as text. */
export function sealOf(content: Uint8Array): string {
  return `${content.length} ${crc32(content).toString(16).padStart(8, '0')}`;
}
