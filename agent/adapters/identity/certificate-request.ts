/**
 * Makes the device's key pair and its certificate request (PKCS #10, RFC 2986), and the digest the factory key
 * vouches for.
 *
 * A request of ours has one form, so its DER is written here; the library that could write any costs an agent of
 * some 75 MB another 22 MB for it.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import { ENROLMENT_LABEL } from '../../access/identity-payloads.ts';

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;
/** `[0] IMPLICIT SET OF Attribute`, of which there are none. */
const NO_ATTRIBUTES = Uint8Array.of(0xa0, 0x00);
/** 2.5.4.3 */
const COMMON_NAME = Uint8Array.of(0x55, 0x04, 0x03);
/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
const PEM_LINE = /.{1,64}/g;

/** A P-256 key, PKCS #8 in PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The request for a certificate whose common name is the serial number. */
export function certificateRequest(serialNumber: string, keyPem: string): string {
  const key = createPrivateKey(keyPem);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const name = der(UTF8_STRING, new TextEncoder().encode(serialNumber));
  const attribute = der(SEQUENCE, der(OBJECT_IDENTIFIER, COMMON_NAME), name);
  const subject = der(SEQUENCE, der(SET, attribute));
  const version = der(INTEGER, Uint8Array.of(0));
  const about = der(SEQUENCE, version, subject, publicKey, NO_ATTRIBUTES);
  const signature = der(BIT_STRING, Uint8Array.of(0), sign('sha256', about, key));
  const algorithm = der(SEQUENCE, der(OBJECT_IDENTIFIER, ECDSA_WITH_SHA256));
  return pem('CERTIFICATE REQUEST', der(SEQUENCE, about, algorithm, signature));
}

/** What the factory key is asked to vouch for: this request of this device in the light of this nonce. */
export function enrolmentDigest(serialNumber: string, nonce: string, request: string): Uint8Array {
  const requestHash = createHash('sha256').update(request).digest('hex');
  const text = [ENROLMENT_LABEL, serialNumber, nonce, requestHash].join('\n');
  return Uint8Array.from(createHash('sha256').update(text).digest());
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag), lengthOf(content.length), content]);
}

/** Nothing of ours is longer than 65,535 bytes. */
function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  if (length <= 0xff) return Uint8Array.of(0x81, length);
  return Uint8Array.of(0x82, length >> 8, length & 0xff);
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('base64').match(PEM_LINE) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
