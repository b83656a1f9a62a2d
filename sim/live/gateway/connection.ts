/**
 * One connection of one device: bytes in and out of its TLS stream, its deadlines, and its end.
 *
 * After the last word the connection lingers and discards what still comes in, so that the peer reads the
 * reason code instead of a reset.
 */
import type { Duplex } from 'node:stream';
import type { Packet } from 'mqtt-packet';
import { HANDSHAKE_MS, UNSENT_BYTES_MAX } from './limits.ts';
import { encodePacket, PacketReader } from './packet-codec.ts';
import { type Farewell, type PacketOutlet, type PacketPlace, PacketsIn } from './packets-in.ts';
import { REASON, UNACCEPTABLE_PROTOCOL_VERSION } from './reason-codes.ts';

export interface ConnectionPlace extends PacketPlace {
  readonly keepAliveS: number;
  /** The connection is over, seen from the gateway; called once. */
  gone(connection: Connection, farewell: Farewell | undefined): void;
  refused(serialNumber: string, reasonCode: number, sentence: string): void;
}

/** How long a peer may take to read the last packet. */
const LINGER_MS = 1_000;
const WITH_WILL: Farewell = { withWill: true, sessionExpiryS: 0 };

export class Connection implements PacketOutlet {
  readonly serialNumber: string;
  readonly #stream: Duplex;
  readonly #place: ConnectionPlace;
  readonly #reader = new PacketReader();
  readonly #packets: PacketsIn;
  #lastPacketAtMs: number;
  #endsAtMs: number | undefined;
  #spoke5 = true;

  constructor(stream: Duplex, serialNumber: string, place: ConnectionPlace) {
    this.serialNumber = serialNumber;
    this.#stream = stream;
    this.#place = place;
    this.#packets = new PacketsIn(this, place);
    this.#lastPacketAtMs = place.nowMs();
    stream.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    stream.on('error', () => this.drop());
    stream.on('close', () => this.drop());
  }

  /** The stream itself is gone, not only the conversation. */
  get over(): boolean {
    return this.#stream.destroyed;
  }

  /** False when the packet is larger than the device accepts, or the connection is over. */
  send(packet: Packet): boolean {
    if (this.#endsAtMs !== undefined) return false;
    const bytes = encodePacket(packet);
    if (bytes.length > (this.#packets.request?.packetBytesMax ?? bytes.length)) return false;
    this.#stream.write(bytes);
    if (this.#stream.writableLength > UNSENT_BYTES_MAX) this.drop();
    return true;
  }

  refuse(reasonCode: number, sentence: string): void {
    if (this.#endsAtMs !== undefined) return;
    this.refused(reasonCode, sentence);
    this.farewell(reasonCode, { reasonString: sentence });
  }

  /** The last packet: DISCONNECT, or a refusing CONNACK when there was no CONNECT before. */
  farewell(
    reasonCode: number,
    properties: { readonly reasonString?: string; readonly serverReference?: string },
  ): void {
    if (this.#endsAtMs !== undefined) return;
    if (this.#packets.request !== undefined) {
      this.#end(encodePacket({ cmd: 'disconnect', reasonCode, properties: { ...properties } }));
    } else if (this.#spoke5) {
      const sessionPresent = false;
      this.#end(
        encodePacket({ cmd: 'connack', reasonCode, sessionPresent, properties: { ...properties } }),
      );
    } else {
      const returnCode = UNACCEPTABLE_PROTOCOL_VERSION;
      this.#end(encodePacket({ cmd: 'connack', returnCode, sessionPresent: false }, 4));
    }
  }

  refused(reasonCode: number, sentence: string): void {
    this.#place.refused(this.serialNumber, reasonCode, sentence);
  }

  /** Ends the connection without another word from us. */
  close(): void {
    this.#end(undefined);
  }

  /** Ends it at once, whatever is unsent: a cable was cut, or the peer is gone. */
  drop(): void {
    this.#end(undefined);
    this.#stream.destroy();
  }

  sweep(nowMs: number): void {
    const silentMs = nowMs - this.#lastPacketAtMs;
    if (this.#endsAtMs !== undefined) {
      if (nowMs >= this.#endsAtMs) this.#stream.destroy();
    } else if (this.#packets.request === undefined) {
      if (silentMs > HANDSHAKE_MS) this.drop();
    } else if (silentMs > this.#place.keepAliveS * 1_500) {
      this.refuse(REASON.keepAliveTimeout, 'Nothing was heard for one and a half keep alives.');
    }
  }

  #onBytes(chunk: Uint8Array): void {
    if (this.#endsAtMs !== undefined) return;
    const wrong = this.#reader.read(chunk, (packet) => {
      if (this.#endsAtMs !== undefined) return;
      this.#lastPacketAtMs = this.#place.nowMs();
      if (packet.cmd === 'connect') this.#spoke5 = packet.protocolVersion === 5;
      this.#packets.handle(packet);
    });
    if (wrong !== undefined) this.refuse(wrong.reasonCode, wrong.sentence);
  }

  #end(lastBytes: Uint8Array | undefined): void {
    if (this.#endsAtMs !== undefined) return;
    this.#endsAtMs = this.#place.nowMs() + LINGER_MS;
    if (lastBytes === undefined) this.#stream.end();
    else this.#stream.end(lastBytes);
    const { farewell, request } = this.#packets;
    this.#place.gone(this, request === undefined ? undefined : (farewell ?? WITH_WILL));
  }
}
