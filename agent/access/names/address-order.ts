/**
 * In which order the addresses behind a name are tried: the hosts file, then the answer and what has proved itself in
 * turn, then what was heard before; and whatever somebody else answered at comes last.
 */
import { parseAddress } from '../../../firmware-shim/kernel/address-text.ts';
import type { Family } from '../../../firmware-shim/kernel/types.ts';
import type { AddressSource } from '../../model/gateway-name.ts';

const IPV4_BYTES = 4;

export interface Candidate {
  readonly address: string;
  readonly from: AddressSource;
}

export interface Learnt {
  readonly hosts: readonly string[];
  readonly answers: readonly string[];
  /** Newest proof first. */
  readonly kept: readonly string[];
  readonly heard: readonly string[];
}

/** Undefined for what is no address. */
export function familyOf(text: string): Family | undefined {
  const bytes = parseAddress(text);
  if (bytes === undefined) return undefined;
  return bytes.length === IPV4_BYTES ? 'ipv4' : 'ipv6';
}

/**
 * Each address once. An answer of two poisoned addresses costs the time of one: the second waits behind the last good
 * one.
 */
export function inOrder(
  { hosts, answers, kept, heard }: Learnt,
  isSetAside: (address: string) => boolean,
): readonly Candidate[] {
  const turns = Array.from({ length: Math.max(answers.length, kept.length) }, (_, turn) => [
    ...answers.slice(turn, turn + 1),
    ...kept.slice(turn, turn + 1),
  ]).flat();
  const known = [...new Set([...hosts, ...turns, ...heard])];
  return [...known.filter((each) => !isSetAside(each)), ...known.filter(isSetAside)].map(
    (address) => ({ address, from: sourceOf(address) }),
  );

  function sourceOf(address: string): AddressSource {
    if (hosts.includes(address)) return 'hosts';
    if (answers.includes(address)) return 'answer';
    return kept.includes(address) ? 'kept' : 'heard';
  }
}
