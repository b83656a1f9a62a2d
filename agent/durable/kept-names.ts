/**
 * The addresses behind the names of access gateways as one small file, so that a device whose name servers are dead
 * finds its gateway after a power cut as well.
 */
import { parseAddress } from '../../firmware-shim/kernel/address-text.ts';
import type { GoodAddress, KeptName } from '../model/gateway-name.ts';
import type { Files } from '../ports.ts';
import type { Kept } from './keep.ts';
import { keepSealed, lookSealed, readSealed } from './sealed-file.ts';

export const KEPT_NAMES_FILE = 'gateway-names';

export interface ReadNames {
  readonly names: readonly KeptName[];
  /** Why what was kept is not believed. */
  readonly problem?: string;
}

/** Nothing is known on a new device, and where the file is damaged or foreign. */
export function readKeptNames(files: Files): ReadNames {
  const { content, quarantined } = readSealed(files, KEPT_NAMES_FILE);
  const damage =
    quarantined === undefined ? {} : { problem: `the file is damaged, and is now ${quarantined}` };
  if (content === undefined) return { names: [], ...damage };
  const names = namesIn(content);
  if (names === undefined) return { names: [], problem: 'the file is of another version' };
  return { names, ...damage };
}

/** For whoever only looks. */
export function lookAtKeptNames(files: Files): readonly KeptName[] {
  const content = lookSealed(files, KEPT_NAMES_FILE);
  return (content && namesIn(content)) ?? [];
}

export function keepNames(files: Files, names: readonly KeptName[]): Kept {
  const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, names }));
  return keepSealed(files, KEPT_NAMES_FILE, bytes);
}

function namesIn(content: Uint8Array): readonly KeptName[] | undefined {
  try {
    const { v, names } = JSON.parse(new TextDecoder().decode(content)) as Record<string, unknown>;
    return v === 1 && Array.isArray(names) && names.every(isKeptName) ? names : undefined;
  } catch {
    return undefined;
  }
}

function isKeptName(value: unknown): value is KeptName {
  if (typeof value !== 'object' || value === null) return false;
  const { name, addresses } = value as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && Array.isArray(addresses) && addresses.every(isGoodAddress);
}

function isGoodAddress(value: unknown): value is GoodAddress {
  if (typeof value !== 'object' || value === null) return false;
  const { address, provedWallMs } = value as Readonly<Record<string, unknown>>;
  return (
    typeof address === 'string' &&
    parseAddress(address) !== undefined &&
    Number.isSafeInteger(provedWallMs)
  );
}
