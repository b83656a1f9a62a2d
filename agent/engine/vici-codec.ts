/**
 * VICI packets: how requests, replies and events travel over charon's stream socket.
 *
 * A length of four bytes, a type, a name where the type has one, a message where it has one. The decoder takes the
 * stream cut anywhere; after the first fault the stream has no more packets, because nothing marks where the next
 * would begin.
 */
import {
  decodeViciMessage,
  encodeName,
  encodeViciMessage,
  joined,
  type ViciFault,
  type ViciSection,
  type ViciTree,
} from './vici-message.ts';

export type ViciSent =
  | { readonly type: 'request'; readonly command: string; readonly message: ViciTree }
  | { readonly type: 'registerEvent' | 'unregisterEvent'; readonly event: string };

export type ViciPacket =
  | { readonly type: 'request'; readonly name: string; readonly message: ViciSection }
  | { readonly type: 'response'; readonly message: ViciSection }
  | { readonly type: 'unknownCommand' }
  | { readonly type: 'registerEvent' | 'unregisterEvent'; readonly name: string }
  | { readonly type: 'eventConfirmed' }
  | { readonly type: 'unknownEvent' }
  | { readonly type: 'event'; readonly name: string; readonly message: ViciSection };

/** By their numbers on the wire. */
const TYPES = [
  'request',
  'response',
  'unknownCommand',
  'registerEvent',
  'unregisterEvent',
  'eventConfirmed',
  'unknownEvent',
  'event',
] as const satisfies readonly ViciPacket['type'][];

/** charon sends and takes no more (`VICI_MESSAGE_SIZE_MAX`). */
export const PACKET_BYTES_MAX = 512 * 1024;
const LENGTH_BYTES = 4;

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function encodeViciPacket(sent: ViciSent): Uint8Array {
  const name = encodeName(sent.type === 'request' ? sent.command : sent.event);
  const message = sent.type === 'request' ? encodeViciMessage(sent.message) : new Uint8Array();
  const head = new Uint8Array(LENGTH_BYTES + 1);
  new DataView(head.buffer).setUint32(0, 1 + name.length + message.length);
  head[LENGTH_BYTES] = TYPES.indexOf(sent.type);
  return joined([head, name, message]);
}

export class ViciDecoder {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #fault: ViciFault | undefined;

  /** What ended this stream for good; undefined while it is sound. */
  get fault(): ViciFault | undefined {
    return this.#fault;
  }

  /** Takes the next bytes, whatever they are, and returns the packets that became complete. */
  push(chunk: Uint8Array): readonly ViciPacket[] {
    if (this.#fault !== undefined || chunk.length === 0) return [];
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const packets: ViciPacket[] = [];
    for (let body = this.#take(); body !== undefined; body = this.#take()) {
      const packet = this.#read(body);
      if (packet === undefined) break;
      packets.push(packet);
    }
    return packets;
  }

  /** The body of the next packet, once it is all there. */
  #take(): Uint8Array | undefined {
    if (this.#bytes < LENGTH_BYTES) return undefined;
    const first = this.#front(LENGTH_BYTES);
    const length = new DataView(first.buffer, first.byteOffset).getUint32(0);
    if (length === 0 || length > PACKET_BYTES_MAX) {
      this.#refuse({ code: 'EVICI_SIZE', at: 0 });
      return undefined;
    }
    if (this.#bytes < LENGTH_BYTES + length) return undefined;
    const whole = this.#front(this.#bytes);
    this.#chunks = [whole.subarray(LENGTH_BYTES + length)];
    this.#bytes -= LENGTH_BYTES + length;
    return whole.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  }

  /** At least so many bytes from the front, in one piece; joined once, when a packet is there. */
  #front(bytes: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= bytes) return first;
    const whole = joined(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  #read(body: Uint8Array): ViciPacket | undefined {
    const type = TYPES[body[0] ?? 0];
    switch (type) {
      case 'unknownCommand':
      case 'eventConfirmed':
      case 'unknownEvent':
        return { type };
      case 'response': {
        const message = this.#message(body, 1);
        return message === undefined ? undefined : { type, message };
      }
      case 'registerEvent':
      case 'unregisterEvent':
      case 'request':
      case 'event': {
        const messageAt = 2 + (body[1] ?? 0);
        if (messageAt > body.length) return this.#refuse({ code: 'EVICI_CUT', at: 1 });
        const name = textDecoder.decode(body.subarray(2, messageAt));
        if (type === 'registerEvent' || type === 'unregisterEvent') return { type, name };
        const message = this.#message(body, messageAt);
        return message === undefined ? undefined : { type, name, message };
      }
      default:
        return this.#refuse({ code: 'EVICI_TYPE', at: 0 });
    }
  }

  #message(body: Uint8Array, from: number): ViciSection | undefined {
    const decoded = decodeViciMessage(body.subarray(from));
    if (decoded.ok) return decoded.section;
    return this.#refuse({ ...decoded.fault, at: from + decoded.fault.at });
  }

  #refuse(fault: ViciFault): undefined {
    this.#fault = fault;
    this.#chunks = [];
    this.#bytes = 0;
    return undefined;
  }
}
