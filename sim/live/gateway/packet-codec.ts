/**
 * MQTT packets from and to bytes: the only file that knows mqtt-packet.
 *
 * The framing is our own, in front of the parser: a packet is measured by its fixed header and refused before
 * its body is held, so a connection never keeps more than one packet of the allowed size.
 */
import { generate, type Packet, parser } from 'mqtt-packet';
import { PACKET_BYTES_MAX } from './limits.ts';
import { REASON, type ReasonRefusal, refusal } from './reason-codes.ts';

/** Fixed header: one type byte and a remaining length of at most four bytes. */
const HEADER_BYTES_MAX = 5;

export class PacketReader {
  readonly #parser = parser({ protocolVersion: 5 });
  readonly #parsed: Packet[] = [];
  #error: string | undefined;
  #header: number[] = [];
  #packet: Buffer | undefined;
  #filled = 0;

  constructor() {
    this.#parser.on('packet', (packet) => this.#parsed.push(packet));
    this.#parser.on('error', (error: Error) => {
      this.#error ??= error.message;
    });
  }

  /** Hands on every packet completed by `chunk`; after a refusal the reader is of no further use. */
  read(chunk: Uint8Array, onPacket: (packet: Packet) => void): ReasonRefusal | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#packet === undefined) {
        const wrong = this.#headerByte(chunk[at] ?? 0);
        at += 1;
        if (wrong !== undefined) return wrong;
      } else {
        const part = chunk.subarray(at, at + this.#packet.length - this.#filled);
        this.#packet.set(part, this.#filled);
        this.#filled += part.length;
        at += part.length;
      }
      const wrong = this.#complete(onPacket);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  #headerByte(byte: number): ReasonRefusal | undefined {
    this.#header.push(byte);
    if (this.#header.length === 1) return undefined;
    if ((byte & 0x80) !== 0) {
      return this.#header.length < HEADER_BYTES_MAX
        ? undefined
        : refusal(REASON.malformedPacket, 'The remaining length has more than four bytes.');
    }
    const bytes = this.#header.slice(1);
    const length = bytes.reduceRight((sum, part) => sum * 128 + (part & 0x7f), 0);
    const total = this.#header.length + length;
    if (total > PACKET_BYTES_MAX) {
      return refusal(
        REASON.packetTooLarge,
        `A packet of ${total} bytes exceeds the maximum of ${PACKET_BYTES_MAX}.`,
      );
    }
    this.#packet = Buffer.alloc(total);
    this.#packet.set(this.#header);
    this.#filled = this.#header.length;
    return undefined;
  }

  #complete(onPacket: (packet: Packet) => void): ReasonRefusal | undefined {
    const packet = this.#packet;
    if (packet === undefined || this.#filled < packet.length) return undefined;
    this.#header = [];
    this.#packet = undefined;
    try {
      this.#parser.parse(packet);
    } catch (error) {
      // The parser reads past the end of some truncated fields.
      this.#error ??= String(error);
    }
    for (const parsed of this.#parsed.splice(0)) onPacket(parsed);
    return this.#error === undefined ? undefined : malformed(this.#error);
  }
}

function malformed(text: string): ReasonRefusal {
  return text === 'Invalid protocol version'
    ? refusal(REASON.unsupportedProtocolVersion, 'Only MQTT 5 is spoken here.')
    : refusal(REASON.malformedPacket, `The packet cannot be read: ${text}.`);
}

export function encodePacket(packet: Packet, protocolVersion: 4 | 5 = 5): Uint8Array {
  return generate(packet, { protocolVersion });
}
