/**
 * What a value may be before it is believed. A board that says otherwise is refused, value by value.
 */
import type { SensorKind } from './messages.ts';

/** Front panels of the family have up to 6 ports; 16 leaves room and keeps a hello in one frame. */
export const PORTS_MAX = 16;
export const SENSOR_READINGS_MAX = 16;
/** 800 Gbit/s, the fastest Ethernet there is. */
export const SPEED_MBPS_MAX = 800_000;
export const RSSI_DBM_MIN = -150;
export const RSSI_DBM_MAX = 0;
/** Nobody holds a button for longer than ten minutes; more is a stuck key. */
export const BUTTON_HELD_MS_MAX = 600_000;

/** Whoever looks for a box in a rack finds it within five minutes or asks again. */
export const FIND_ME_MS_MAX = 300_000;
/** Shorter than a second the host's own timers would starve it; longer than ten minutes guards nothing. */
export const WATCHDOG_MS_MIN = 1_000;
export const WATCHDOG_MS_MAX = 600_000;
/** The MCU's flash holds two images of one mebibyte. */
export const IMAGE_BYTES_MAX = 1_048_576;
/** The most that fits into one payload behind type, id, offset and length. */
export const CHUNK_BYTES_MAX = 240;

/** SHA-256, and HMAC with it. */
export const DIGEST_BYTES = 32;
/** Begins everything the factory key is asked to vouch for, so that the answer serves for nothing else. */
export const IDENTITY_PROOF_LABEL = 'sag identity proof 1';

/** Millidegrees Celsius, revolutions a minute, millivolts. */
export const SENSOR_RANGES: Readonly<
  Record<SensorKind, { readonly low: number; readonly high: number }>
> = {
  temperature: { low: -60_000, high: 200_000 },
  fan: { low: 0, high: 100_000 },
  voltage: { low: -60_000, high: 60_000 },
};

export const HARDWARE_REVISION_CHARACTERS_MAX = 16;
export const SERIAL_NUMBER_CHARACTERS_MAX = 32;
export const FIRMWARE_VERSION_CHARACTERS_MAX = 32;

/** Firmware versions are compared, so they are numbers: one to four, with dots between. */
export const IMAGE_VERSION_CHARACTERS = /^\d{1,5}(?:\.\d{1,5}){0,3}$/;
/** Serial numbers become part of topics and file names: nothing that means something there. */
export const SERIAL_NUMBER_CHARACTERS = /^[A-Za-z0-9-]+$/;
/** Versions are shown to people: visible ASCII only, so no escape sequence reaches a terminal. */
export const VERSION_CHARACTERS = /^[\x21-\x7e]+$/;
