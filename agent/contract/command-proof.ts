/**
 * Whether a command comes from the issuer whose key this device has pinned.
 *
 * Signed is the topic, which names tenant, device and command, a line feed and the command as canonical JSON without
 * its signature: a command for one device is worth nothing on another.
 */
import type { CommandProof } from '../access/intake.ts';
import type { Command } from '../access/payloads.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { CommandVerifier } from '../ports.ts';

export function signedBytes(topic: string, command: Omit<Command, 'signature'>): Uint8Array {
  const { signature: _, ...rest } = command as Command;
  return new TextEncoder().encode(`${topic}\n${canonicalJson(rest)}`);
}

export function proofOf(
  topic: string,
  command: Command,
  verify: CommandVerifier | undefined,
): CommandProof {
  if (verify === undefined) return 'unpinned';
  if (command.signature === undefined || command.nonce === undefined) return 'absent';
  return verify(signedBytes(topic, command), command.signature) ? 'valid' : 'forged';
}
