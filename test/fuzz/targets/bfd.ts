/**
 * The two packets that travel inside a tunnel: BFD control packet and path announcement, by the first byte.
 *
 * Property: a packet is discarded with a named reason, or reads the same once written again.
 */

import {
  decodeAnnouncement,
  encodeAnnouncement,
} from '../../../agent/tunnel/announcement/path-announcement.ts';
import {
  decodeBfdPacket,
  diagnosticName,
  encodeBfdPacket,
  sessionDiscard,
} from '../../../agent/tunnel/bfd/bfd-packet.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';

const DISCRIMINATOR = 0x1122_3344;

export const bfd: FuzzTarget = {
  bytesMax: 128,
  check: (input) => {
    const packet = input.subarray(1);
    return ((input[0] ?? 0) & 1) === 0 ? checkBfd(packet) : checkAnnouncement(packet);
  },
};

function checkBfd(bytes: Uint8Array): string {
  const decoded = decodeBfdPacket(bytes);
  if (!decoded.ok) return `bfd: ${decoded.discard}`;
  const { packet } = decoded;
  hold(diagnosticName(packet.diagnostic) !== '', 'a diagnostic has no name');
  const written = encodeBfdPacket(packet);
  holdEqual(decodeBfdPacket(written), decoded, 'a control packet did not survive');
  // Everything a session acts on is in the packet; only the flags nobody uses here may differ.
  holdEqual(
    written.subarray(4),
    bytes.slice(4, written.length),
    'a control packet has other fields',
  );
  return `bfd: ${sessionDiscard(packet, bytes, DISCRIMINATOR) ?? 'accepted'}`;
}

function checkAnnouncement(bytes: Uint8Array): string {
  const decoded = decodeAnnouncement(bytes);
  if (!decoded.ok) return `announcement: ${decoded.discard}`;
  holdEqual(
    encodeAnnouncement(decoded.announcement),
    bytes.slice(),
    'an announcement did not survive',
  );
  return 'announcement: accepted';
}
