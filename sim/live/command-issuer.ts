/**
 * Whoever may command devices: signs what the gateways carry. The device has only the public half pinned.
 */
import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import type { Command } from '../../agent/access/payloads.ts';
import { topicsOf } from '../../agent/access/topics.ts';
import { signedBytes } from '../../agent/contract/command-proof.ts';
import type { CommandVerifier } from '../../agent/ports.ts';

/** Well below what a device accepts, so that clocks may differ. */
const LIFETIME_MS = 240_000;

/** What is commanded, without what makes it a command. */
export type Order = Command extends infer Each
  ? Each extends Command
    ? Omit<Each, 'v' | 'id' | 'expiresAtMs' | 'nonce' | 'signature'>
    : never
  : never;

export interface IssuerOptions {
  /** Ids and nonces; unpredictable unless a simulated run must be told again. */
  readonly newId?: () => string;
}

export class CommandIssuer {
  readonly #keys = generateKeyPairSync('ed25519');
  readonly #tenant: string;
  readonly #newId: () => string;

  constructor(tenant: string, { newId = randomUUID }: IssuerOptions = {}) {
    this.#tenant = tenant;
    this.#newId = newId;
  }

  /** For `access.commandKeyFile` of a device. */
  get publicKeyPem(): string {
    return this.#keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  /** For a simulated device, which has no files. */
  readonly verify: CommandVerifier = (bytes, signature) =>
    verify(null, bytes, this.#keys.publicKey, Buffer.from(signature, 'base64'));

  issue(serialNumber: string, order: Order, nowWallMs: number): Command {
    const id = `c-${this.#newId()}`;
    const expiresAtMs = nowWallMs + LIFETIME_MS;
    return this.sign(serialNumber, { v: 1, id, ...order, nonce: this.#newId(), expiresAtMs });
  }

  /** Whatever it says; what makes sense is for the device to tell. */
  sign(serialNumber: string, command: Command): Command {
    const topic = topicsOf(this.#tenant, serialNumber).commands.replace('+', command.id);
    const signature = sign(null, signedBytes(topic, command), this.#keys.privateKey);
    return { ...command, signature: signature.toString('base64') };
  }
}
