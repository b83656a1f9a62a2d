/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): rewrites bytes so that none of them is zero.
 *
 * Zero can then delimit frames, and a reader that lost its place finds it at the very next zero. The cost is
 * one byte for each 254, whatever the bytes are.
 */

/** A code byte counts at most 254 bytes after itself. */
const RUN_MAX = 0xff;

/** Room `bytes` raw bytes may need once encoded, without delimiters. */
export function cobsBytesMax(bytes: number): number {
  return bytes + 1 + Math.floor(bytes / (RUN_MAX - 1));
}

export function cobsEncode(raw: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(cobsBytesMax(raw.length));
  let codeAt = 0;
  let writeAt = 1;
  let code = 1;
  for (const byte of raw) {
    // A full run carries no zero of its own; it is only begun anew when there is a byte to put after it.
    if (code === RUN_MAX) {
      encoded[codeAt] = code;
      codeAt = writeAt;
      writeAt += 1;
      code = 1;
    }
    if (byte === 0) {
      encoded[codeAt] = code;
      codeAt = writeAt;
      writeAt += 1;
      code = 1;
    } else {
      encoded[writeAt] = byte;
      writeAt += 1;
      code += 1;
    }
  }
  encoded[codeAt] = code;
  return encoded.subarray(0, writeAt);
}

/**
 * Decodes `encoded` (without delimiters) into `out` and returns the number of bytes written; undefined when
 * it is not COBS: a zero inside, a run that reaches past the end, or more than `out` can hold.
 */
export function cobsDecode(encoded: Uint8Array, out: Uint8Array): number | undefined {
  let readAt = 0;
  let writeAt = 0;
  while (readAt < encoded.length) {
    const code = encoded[readAt] ?? 0;
    const runEnd = readAt + code;
    if (code === 0 || runEnd > encoded.length) return undefined;
    if (writeAt + code - 1 > out.length) return undefined;
    for (readAt += 1; readAt < runEnd; readAt += 1, writeAt += 1) {
      const byte = encoded[readAt] ?? 0;
      if (byte === 0) return undefined;
      out[writeAt] = byte;
    }
    if (code < RUN_MAX && readAt < encoded.length) {
      if (writeAt >= out.length) return undefined;
      out[writeAt] = 0;
      writeAt += 1;
    }
  }
  return writeAt;
}
