/**
 * STAMP test packets in unauthenticated mode, to and from bytes: 44 bytes (RFC 8762 section 4.2.1 and 4.3.1),
 * with the session identifier and the extra padding of RFC 8972.
 *
 * Our two kinds of sessions in one tunnel (quality, full-size probes) are told apart by the identifier, which
 * takes two of the base format's zero bytes; what follows byte 44 is one Extra Padding TLV.
 */
import type { StampTime } from './stamp-time.ts';

export interface StampRequest {
  readonly sequence: number;
  readonly sent: StampTime;
  readonly errorEstimate: number;
  /** RFC 8972 section 3: non-zero, chosen by the sender. */
  readonly session: number;
  /** Whole payload; 44 or at least 48, the rest is padding. */
  readonly length: number;
}

export interface StampReply {
  /** The reflector's own count, which tells in which direction a packet was lost. */
  readonly sequence: number;
  readonly sent: StampTime;
  readonly errorEstimate: number;
  readonly session: number;
  readonly received: StampTime;
  readonly request: Omit<StampRequest, 'session' | 'length'>;
  readonly requestTtl: number;
  readonly length: number;
}

export type StampDiscard = 'length' | 'session';

export type StampDecoded<Packet> =
  | { readonly ok: true; readonly packet: Packet }
  | { readonly ok: false; readonly discard: StampDiscard };

export const STAMP_PORT = 862;
export const STAMP_BYTES = 44;
const TLV_HEADER_BYTES = 4;
/** Bytes of a test packet with the smallest padding there is. */
export const PADDED_BYTES_MIN = STAMP_BYTES + TLV_HEADER_BYTES;
/** RFC 8972 section 4.1. */
const TLV_EXTRA_PADDING = 1;
/** "A Session-Sender MUST set the U flag to 1" (RFC 8972 section 4). */
const FLAG_UNRECOGNIZED = 0x80;
/** No packet of ours is larger than what an IP packet may hold. */
const LENGTH_MAX = 65_507;

const AT = { sent: 4, errorEstimate: 12, session: 14, received: 16 } as const;
const AT_REPLY = { sequence: 24, sent: 28, errorEstimate: 36, ttl: 40 } as const;

export function encodeStampRequest(request: StampRequest): Uint8Array {
  const bytes = new Uint8Array(request.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, request.sequence);
  putTime(view, AT.sent, request.sent);
  view.setUint16(AT.errorEstimate, request.errorEstimate);
  view.setUint16(AT.session, request.session);
  if (request.length >= PADDED_BYTES_MIN) {
    view.setUint8(STAMP_BYTES, FLAG_UNRECOGNIZED);
    view.setUint8(STAMP_BYTES + 1, TLV_EXTRA_PADDING);
    view.setUint16(STAMP_BYTES + 2, request.length - PADDED_BYTES_MIN);
  }
  return bytes;
}

export function decodeStampRequest(bytes: Uint8Array): StampDecoded<StampRequest> {
  const view = viewOf(bytes);
  if (view === undefined) return { ok: false, discard: 'length' };
  return {
    ok: true,
    packet: {
      sequence: view.getUint32(0),
      sent: timeAt(view, AT.sent),
      errorEstimate: view.getUint16(AT.errorEstimate),
      session: view.getUint16(AT.session),
      length: bytes.byteLength,
    },
  };
}

/** The reply has the length of what it answers: a size that passes has then passed both ways. */
export function encodeStampReply(reply: StampReply, requestBytes: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(reply.length);
  bytes.set(requestBytes.subarray(STAMP_BYTES, reply.length), STAMP_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, reply.sequence);
  putTime(view, AT.sent, reply.sent);
  view.setUint16(AT.errorEstimate, reply.errorEstimate);
  view.setUint16(AT.session, reply.session);
  putTime(view, AT.received, reply.received);
  view.setUint32(AT_REPLY.sequence, reply.request.sequence);
  putTime(view, AT_REPLY.sent, reply.request.sent);
  view.setUint16(AT_REPLY.errorEstimate, reply.request.errorEstimate);
  view.setUint8(AT_REPLY.ttl, reply.requestTtl);
  const understood =
    reply.length >= PADDED_BYTES_MIN && bytes[STAMP_BYTES + 1] === TLV_EXTRA_PADDING;
  // "… the Session-Reflector MUST set the U flag in the reflected packet to 0" where it understood the TLV.
  if (understood) bytes[STAMP_BYTES] = (bytes[STAMP_BYTES] ?? 0) & ~FLAG_UNRECOGNIZED;
  return bytes;
}

export function decodeStampReply(bytes: Uint8Array, session: number): StampDecoded<StampReply> {
  const view = viewOf(bytes);
  if (view === undefined) return { ok: false, discard: 'length' };
  if (view.getUint16(AT.session) !== session) return { ok: false, discard: 'session' };
  return {
    ok: true,
    packet: {
      sequence: view.getUint32(0),
      sent: timeAt(view, AT.sent),
      errorEstimate: view.getUint16(AT.errorEstimate),
      session,
      received: timeAt(view, AT.received),
      request: {
        sequence: view.getUint32(AT_REPLY.sequence),
        sent: timeAt(view, AT_REPLY.sent),
        errorEstimate: view.getUint16(AT_REPLY.errorEstimate),
      },
      requestTtl: view.getUint8(AT_REPLY.ttl),
      length: bytes.byteLength,
    },
  };
}

/** The session a packet belongs to, of either direction; undefined when it is too short to tell. */
export function stampSession(bytes: Uint8Array): number | undefined {
  return viewOf(bytes)?.getUint16(AT.session);
}

function viewOf(bytes: Uint8Array): DataView | undefined {
  const { byteLength } = bytes;
  if (byteLength < STAMP_BYTES || byteLength > LENGTH_MAX) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, byteLength);
}

function putTime(view: DataView, at: number, time: StampTime): void {
  view.setUint32(at, time.seconds);
  view.setUint32(at + 4, time.fraction);
}

function timeAt(view: DataView, at: number): StampTime {
  return { seconds: view.getUint32(at), fraction: view.getUint32(at + 4) };
}
