/**
 * The mandatory section of a BFD control packet, to and from bytes (RFC 5880 section 4.1).
 *
 *     0                   1                   2                   3
 *     |Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
 *     |                       My Discriminator                        |
 *     |                      Your Discriminator                       |
 *     |                    Desired Min TX Interval                    |
 *     |                   Required Min RX Interval                    |
 *     |                 Required Min Echo RX Interval                 |
 *
 * Decoding refuses only what makes the packet unreadable and the format checks of section 6.8.6 that need no
 * session; each refusal has a name, so that it can be counted.
 */
export type BfdState = 'AdminDown' | 'Down' | 'Init' | 'Up';

/** Wire values of the Sta field, section 4.1. */
const STATES: readonly BfdState[] = ['AdminDown', 'Down', 'Init', 'Up'];

/** Diagnostic codes of section 4.1 by number; 9 to 31 are reserved. */
const DIAGNOSTICS: readonly string[] = [
  'No Diagnostic',
  'Control Detection Time Expired',
  'Echo Function Failed',
  'Neighbor Signaled Session Down',
  'Forwarding Plane Reset',
  'Path Down',
  'Concatenated Path Down',
  'Administratively Down',
  'Reverse Concatenated Path Down',
];

/** "A system MAY signal" with it, in a session that stays Up, that a path in series with this one is down (section 6.8.17). */
export const CONCATENATED_PATH_DOWN = 6;

export function diagnosticName(code: number): string {
  return DIAGNOSTICS[code] ?? `reserved ${code}`;
}

export interface BfdPacket {
  /** Number, because a peer may use a reserved one. */
  readonly diagnostic: number;
  readonly state: BfdState;
  readonly poll: boolean;
  readonly final: boolean;
  readonly demand: boolean;
  readonly detectMult: number;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  readonly desiredMinTxMicros: number;
  readonly requiredMinRxMicros: number;
  readonly requiredMinEchoRxMicros: number;
}

export type BfdDiscard =
  | 'too-short'
  | 'version'
  | 'length'
  | 'detect-mult-zero'
  | 'multipoint'
  | 'my-discriminator-zero'
  | 'your-discriminator-unknown'
  | 'your-discriminator-zero'
  /** The A bit is set and no authentication is in use. */
  | 'authentication'
  | 'authentication-missing'
  | 'authentication-type'
  | 'authentication-key-unknown'
  | 'authentication-length'
  | 'authentication-sequence'
  | 'authentication-hash'
  | 'admin-down';

export type BfdDecoded =
  | { readonly ok: true; readonly packet: BfdPacket }
  | { readonly ok: false; readonly discard: BfdDiscard };

const VERSION = 1;
/** Of the mandatory section. */
export const BFD_LENGTH = 24;
const FLAG_POLL = 0x20;
const FLAG_FINAL = 0x10;
export const FLAG_AUTHENTICATION = 0x04;
const FLAG_DEMAND = 0x02;
const FLAG_MULTIPOINT = 0x01;

export function encodeBfdPacket(packet: BfdPacket): Uint8Array {
  const bytes = new Uint8Array(BFD_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (VERSION << 5) | (packet.diagnostic & 0x1f));
  view.setUint8(
    1,
    (STATES.indexOf(packet.state) << 6) |
      (packet.poll ? FLAG_POLL : 0) |
      (packet.final ? FLAG_FINAL : 0) |
      (packet.demand ? FLAG_DEMAND : 0),
  );
  view.setUint8(2, packet.detectMult);
  view.setUint8(3, BFD_LENGTH);
  view.setUint32(4, packet.myDiscriminator);
  view.setUint32(8, packet.yourDiscriminator);
  view.setUint32(12, packet.desiredMinTxMicros);
  view.setUint32(16, packet.requiredMinRxMicros);
  view.setUint32(20, packet.requiredMinEchoRxMicros);
  return bytes;
}

/** Applies the rules of section 6.8.6 that concern the packet alone, in the order the RFC lists them. */
export function decodeBfdPacket(bytes: Uint8Array): BfdDecoded {
  if (bytes.byteLength < BFD_LENGTH) return { ok: false, discard: 'too-short' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(1);
  const length = view.getUint8(3);
  // "If the version number is not correct (1), the packet MUST be discarded."
  if (view.getUint8(0) >> 5 !== VERSION) return { ok: false, discard: 'version' };
  // "If the Length field is less than the minimum correct value (24 if the A bit is clear, or 26 if the A
  // bit is set), the packet MUST be discarded."
  const lengthMin = (flags & FLAG_AUTHENTICATION) === 0 ? BFD_LENGTH : BFD_LENGTH + 2;
  // "If the Length field is greater than the payload of the encapsulating protocol, … discarded."
  if (length < lengthMin || length > bytes.byteLength) return { ok: false, discard: 'length' };
  // "If the Detect Mult field is zero, the packet MUST be discarded."
  if (view.getUint8(2) === 0) return { ok: false, discard: 'detect-mult-zero' };
  // "If the Multipoint (M) bit is nonzero, the packet MUST be discarded."
  if ((flags & FLAG_MULTIPOINT) !== 0) return { ok: false, discard: 'multipoint' };
  // "If the My Discriminator field is zero, the packet MUST be discarded."
  if (view.getUint32(4) === 0) return { ok: false, discard: 'my-discriminator-zero' };
  return { ok: true, packet: readFields(view, flags) };
}

/** The further rules of section 6.8.6, which need to know the session the packet is for. */
export function sessionDiscard(
  packet: BfdPacket,
  bytes: Uint8Array,
  discriminator: number,
  authenticates = false,
): BfdDiscard | undefined {
  const yours = packet.yourDiscriminator;
  // "If the Your Discriminator field is nonzero, it MUST be used to select the session … If no session is
  // found, the packet MUST be discarded."
  if (yours !== 0 && yours !== discriminator) return 'your-discriminator-unknown';
  // "If the Your Discriminator field is zero and the State field is not Down or AdminDown, … discarded."
  if (yours === 0 && packet.state !== 'Down' && packet.state !== 'AdminDown') {
    return 'your-discriminator-zero';
  }
  const hasSection = ((bytes[1] ?? 0) & FLAG_AUTHENTICATION) !== 0;
  // "If the A bit is set and no authentication is in use (bfd.AuthType is zero), … discarded."
  if (hasSection && !authenticates) return 'authentication';
  // "If the A bit is clear and authentication is in use (bfd.AuthType is nonzero), … discarded."
  return authenticates && !hasSection ? 'authentication-missing' : undefined;
}

function readFields(view: DataView, flags: number): BfdPacket {
  return {
    diagnostic: view.getUint8(0) & 0x1f,
    state: STATES[flags >> 6] ?? 'Down',
    poll: (flags & FLAG_POLL) !== 0,
    final: (flags & FLAG_FINAL) !== 0,
    demand: (flags & FLAG_DEMAND) !== 0,
    detectMult: view.getUint8(2),
    myDiscriminator: view.getUint32(4),
    yourDiscriminator: view.getUint32(8),
    desiredMinTxMicros: view.getUint32(12),
    requiredMinRxMicros: view.getUint32(16),
    requiredMinEchoRxMicros: view.getUint32(20),
  };
}
