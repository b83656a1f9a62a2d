/**
 * Addresses and prefixes inside netlink attributes, as text.
 */
import { familyBytes, formatAddress } from './address-text.ts';
import type { Attributes } from './message-reader.ts';
import { defaultPrefix } from './prefix.ts';
import type { Family } from './types.ts';

/** The prefix text of an attribute; the default one where it is absent, undefined where it is broken. */
export function prefixOf(
  attributes: Attributes | undefined,
  type: number,
  length: number,
  family: Family,
): string | undefined {
  const bytes = attributes?.get(type);
  if (bytes === undefined) return length === 0 ? defaultPrefix(family) : undefined;
  if (bytes.length !== familyBytes(family) || length > 8 * bytes.length) return undefined;
  return `${formatAddress(bytes) ?? ''}/${length}`;
}

/** The address text of an attribute; undefined where it is absent or broken. */
export function addressOf(attributes: Attributes, type: number): string | undefined {
  const bytes = attributes.get(type);
  return bytes && formatAddress(bytes);
}
