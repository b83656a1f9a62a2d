/**
 * Reads what arrives for one session: applies every discard rule of RFC 5880 section 6.8.6 in its order and
 * counts each packet by the first rule it broke.
 *
 * A far end says mostly the same again and again. What the rules say of a packet without authentication follows from
 * its bytes alone, so bytes that were accepted are accepted again, and mean the same packet.
 */
import type { BfdAuthenticator } from './bfd-authentication.ts';
import { type BfdDiscard, type BfdPacket, decodeBfdPacket, sessionDiscard } from './bfd-packet.ts';

export class BfdReception {
  readonly #discriminator: number;
  readonly #discarded = new Map<BfdDiscard, number>();
  #accepted = 0;
  #acceptedBytes: Uint8Array | undefined;
  #acceptedPacket: BfdPacket | undefined;

  constructor(discriminator: number) {
    this.#discriminator = discriminator;
  }

  get accepted(): number {
    return this.#accepted;
  }

  /** The packet, if it is ours to hear; the same one for the same bytes. */
  read(bytes: Uint8Array, authenticator: BfdAuthenticator | undefined): BfdPacket | undefined {
    if (authenticator !== undefined) return this.#read(bytes, authenticator);
    if (this.#acceptedBytes !== undefined && isSame(bytes, this.#acceptedBytes)) {
      this.#accepted += 1;
      return this.#acceptedPacket;
    }
    const packet = this.#read(bytes, undefined);
    if (packet === undefined) return undefined;
    // Copied, because what arrives shares its memory with everything that arrived together.
    this.#acceptedBytes = new Uint8Array(bytes);
    this.#acceptedPacket = packet;
    return packet;
  }

  #read(bytes: Uint8Array, authenticator: BfdAuthenticator | undefined): BfdPacket | undefined {
    const decoded = decodeBfdPacket(bytes);
    if (!decoded.ok) return this.discard(decoded.discard);
    const { packet } = decoded;
    const authenticates = authenticator !== undefined;
    const refused = sessionDiscard(packet, bytes, this.#discriminator, authenticates);
    if (refused !== undefined) return this.discard(refused);
    // "If the A bit is set, the packet MUST be authenticated under the rules of section 6.7."
    const unproven = authenticator?.refusal(bytes.subarray(0, bytes[3]));
    if (unproven !== undefined) return this.discard(unproven);
    this.#accepted += 1;
    return packet;
  }

  discard(rule: BfdDiscard): undefined {
    this.#discarded.set(rule, (this.#discarded.get(rule) ?? 0) + 1);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#discarded);
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let at = 0; at < a.byteLength; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
