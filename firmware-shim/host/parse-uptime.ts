/**
 * /proc/uptime: seconds since boot, with hundredths.
 */
import { lineEnd } from './ascii-line.ts';

/** Both numbers of the line, with room to spare. */
const LINE_BYTES_MAX = 64;
const FORM = /^([0-9]{1,12}\.[0-9]{2}) [0-9]{1,15}\.[0-9]{2}$/;

export function parseUptime(bytes: Uint8Array): number | undefined {
  const end = lineEnd(bytes, 0);
  if (end === undefined || end > LINE_BYTES_MAX) return undefined;
  const match = FORM.exec(String.fromCharCode(...bytes.subarray(0, end)));
  return match === null ? undefined : Number(match[1]);
}
