/**
 * ICMP and ICMPv6 echo messages (RFC 792, RFC 4443 section 4) as an unprivileged ICMP socket sends and receives them:
 * from the ICMP header on, identifier and checksum being the kernel's.
 */
const HEADER_BYTES = 8;
const REQUEST = { ipv4: 8, ipv6: 128 } as const;
const REPLY = { ipv4: 0, ipv6: 129 } as const;

export type Family = keyof typeof REQUEST;

/** `token` comes back in the reply and tells it from every other. */
export function echoRequest(family: Family, token: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + token.length);
  bytes[0] = REQUEST[family];
  // A sequence number of 1: each socket sends one request.
  bytes[7] = 1;
  bytes.set(token, HEADER_BYTES);
  return bytes;
}

/** Whether these bytes are the reply to the request with that token. */
export function isEchoReply(family: Family, bytes: Uint8Array, token: Uint8Array): boolean {
  return (
    bytes.length === HEADER_BYTES + token.length &&
    bytes[0] === REPLY[family] &&
    bytes[1] === 0 &&
    token.every((byte, at) => bytes[HEADER_BYTES + at] === byte)
  );
}
