/** The key of whoever may command this device: Ed25519 (RFC 8032), pinned by the configuration. */
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AccessConfig } from '../../model/config.ts';
import type { CommandVerifier } from '../../ports.ts';

/** Throws when the file is missing or holds no Ed25519 public key. */
export function readCommandKey(file: string): CommandVerifier {
  const key = createPublicKey(readFileSync(file));
  if (key.asymmetricKeyType !== 'ed25519') {
    throw Object.assign(new Error(`${file} holds no Ed25519 key`), { code: 'ECOMMAND_KEY' });
  }
  return (bytes, signature) => verify(null, bytes, key, Buffer.from(signature, 'base64'));
}

/** Undefined while no issuer of commands is pinned. */
export function commandKeyOf({ commandKeyFile }: AccessConfig): CommandVerifier | undefined {
  return commandKeyFile === undefined ? undefined : readCommandKey(commandKeyFile);
}
