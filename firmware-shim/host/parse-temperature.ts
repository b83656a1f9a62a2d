/**
 * One temperature file of /sys/class/thermal or /sys/class/hwmon: millidegrees Celsius and a newline.
 */
import { lineEnd } from './ascii-line.ts';

/** The sign, seven digits. */
const LINE_BYTES_MAX = 8;
const FORM = /^-?[0-9]{1,7}$/;
/** Outside of this a sensor is broken or not there: the kernel prints absolute zero, -273150, for some. */
const MILLIDEGREES_MIN = -60_000;
const MILLIDEGREES_MAX = 200_000;

export function parseTemperature(bytes: Uint8Array): number | undefined {
  const end = lineEnd(bytes, 0);
  if (end === undefined || end > LINE_BYTES_MAX) return undefined;
  const text = String.fromCharCode(...bytes.subarray(0, end));
  const milliCelsius = FORM.test(text) ? Number(text) : Number.NaN;
  if (!(milliCelsius >= MILLIDEGREES_MIN && milliCelsius <= MILLIDEGREES_MAX)) return undefined;
  // "-0" is zero.
  return milliCelsius + 0;
}
