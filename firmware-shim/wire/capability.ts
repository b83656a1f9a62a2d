/**
 * Which versions and capabilities each end has, and what of it both have.
 *
 * The host offers its range in `ask`; the board answers with the highest version both know and the
 * capabilities both have. A board or a host of version 1 says nothing of this kind, and gets version 1.
 */
import { CAPABILITY_BITS } from './codes.ts';
import { type Decoded, FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import type { BoardCommand, Capability, HostOffer } from './messages.ts';

/** Ports, LTE, sensors, LEDs, button, reset: what every board and every host can. */
export const FIRST_VERSION = 1;
/** The version that brought capabilities and replies. */
export const CAPABLE_VERSION = 2;

const ALL = Object.keys(CAPABILITY_BITS) as readonly Capability[];

/** What this program offers. */
export const HOST_OFFER: HostOffer = {
  versionLow: FIRST_VERSION,
  versionHigh: CAPABLE_VERSION,
  capabilities: ALL,
};

/** What a command needs of the board; those of version 1 need nothing. */
const NEEDS: Readonly<Record<BoardCommand['kind'], Capability | undefined>> = {
  ledSet: undefined,
  boardReset: undefined,
  findMe: 'findMe',
  resetLockSet: 'resetLock',
  watchdogArm: 'watchdog',
  watchdogKick: 'watchdog',
  watchdogDisarm: 'watchdog',
  clockGet: 'clock',
  clockSet: 'clock',
  firmwareQuery: 'firmwareQuery',
  proveIdentity: 'identityProof',
  updateBegin: 'firmwareUpdate',
  updateChunk: 'firmwareUpdate',
  updateVerify: 'firmwareUpdate',
  updateActivate: 'firmwareUpdate',
  updateConfirm: 'firmwareUpdate',
  updateAbort: 'firmwareUpdate',
};

/** Whether a board with these capabilities knows the command. */
export function supports(
  capabilities: readonly Capability[] | undefined,
  kind: BoardCommand['kind'],
): boolean {
  const need = NEEDS[kind];
  return need === undefined || (capabilities?.includes(need) ?? false);
}

export function capabilityMask(capabilities: readonly Capability[]): number {
  return capabilities.reduce((mask, word) => mask | (1 << CAPABILITY_BITS[word]), 0) >>> 0;
}

/** The known words of a mask, in the order of their bits; bits nobody knows are left out. */
export function capabilitiesOf(mask: number): readonly Capability[] {
  return ALL.filter((word) => (mask & (1 << CAPABILITY_BITS[word])) !== 0);
}

/** The payload of `ask`. */
export function encodeOffer({ versionLow, versionHigh, capabilities }: HostOffer): Uint8Array {
  const writer = new FieldWriter().u8(versionLow).u8(versionHigh);
  return writer.u32(capabilityMask(capabilities)).bytes();
}

/** An empty payload is a host of version 1. Bits of a later host are left out: this end does not have them. */
export function decodeOffer(payload: Uint8Array): Decoded<HostOffer> {
  const first = { versionLow: FIRST_VERSION, versionHigh: FIRST_VERSION, capabilities: [] };
  if (payload.length === 0) return { ok: true, message: first };
  const reader = new FieldReader(payload);
  const versionLow = reader.u8('versionLow', 1);
  const versionHigh = reader.u8('versionHigh', versionLow);
  const capabilities = capabilitiesOf(reader.u32('capabilities'));
  return reader.finish({ versionLow, versionHigh, capabilities });
}
