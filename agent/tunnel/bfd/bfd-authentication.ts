/**
 * Keyed SHA1 and Meticulous Keyed SHA1 authentication of BFD control packets (RFC 5880 sections 4.4 and 6.7.4).
 *
 *     |   Auth Type   |   Auth Len    |  Auth Key ID  |   Reserved    |
 *     |                        Sequence Number                        |
 *     |                  Auth Key/Hash (20 bytes)                     |
 *
 * Packets leave with one key and are accepted with any key of the list, so that keys roll over without a gap:
 * list the new key at both ends, send with it at both ends, strike the old one. What is learnt from a packet is
 * learnt after its hash has proved it: a stranger cannot move the window.
 */
import { assert } from '../../../firmware-shim/base/assert.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { SHA1_BYTES, sha1 } from '../../../firmware-shim/base/sha1.ts';
import type { BfdAuthentication } from '../../model/tunnel.ts';
import { BFD_LENGTH, type BfdDiscard, FLAG_AUTHENTICATION } from './bfd-packet.ts';

/** Section 4.4: type, length, key id, reserved, sequence, hash. */
const AUTH_LENGTH = 28;
const AUTH_TYPE = { 'keyed-sha1': 4, 'meticulous-keyed-sha1': 5 } as const;
const SEQUENCE_AT = BFD_LENGTH + 4;
const HASH_AT = BFD_LENGTH + 8;
/** "… to bfd.RcvAuthSeq+(3*Detect Mult) inclusive" (section 6.7.4). */
const WINDOW_PER_MULT = 3;

export class BfdAuthenticator {
  #plan!: BfdAuthentication;
  #keys!: ReadonlyMap<number, Uint8Array>;
  /** bfd.XmitAuthSeq: "initialized to a random 32-bit value" (section 6.8.1). */
  #sendSequence: number;
  /** bfd.RcvAuthSeq; undefined while bfd.AuthSeqKnown is 0. */
  #heardSequence: number | undefined;
  /** What the last packet said, without its authentication section. */
  #sentBefore = '';

  constructor(plan: BfdAuthentication, random: Random) {
    this.#sendSequence = random.u32();
    this.plan(plan);
  }

  /** Keys change, both sequences go on. */
  plan(plan: BfdAuthentication): void {
    this.#plan = plan;
    this.#keys = new Map(plan.keys.map(({ id, secret }) => [id, padded(secret)]));
    assert(this.#keys.has(plan.sendKeyId), `BFD key ${plan.sendKeyId} is not in the key list`);
  }

  /** A mandatory section with the authentication section behind it. */
  seal(section: Uint8Array): Uint8Array {
    this.#advance(section);
    const bytes = new Uint8Array(BFD_LENGTH + AUTH_LENGTH);
    bytes.set(section);
    const view = new DataView(bytes.buffer);
    view.setUint8(1, view.getUint8(1) | FLAG_AUTHENTICATION);
    view.setUint8(3, bytes.byteLength);
    view.setUint8(BFD_LENGTH, AUTH_TYPE[this.#plan.type]);
    view.setUint8(BFD_LENGTH + 1, AUTH_LENGTH);
    view.setUint8(BFD_LENGTH + 2, this.#plan.sendKeyId);
    view.setUint32(SEQUENCE_AT, this.#sendSequence);
    bytes.set(hashWith(bytes, this.#keys.get(this.#plan.sendKeyId)), HASH_AT);
    return bytes;
  }

  /** Why a packet with the A bit is not believed. `bytes` end where its Length field says. */
  refusal(bytes: Uint8Array): BfdDiscard | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // "If … the Auth Type is not correct (4 for Keyed SHA1 or 5 for Meticulous Keyed SHA1), … discarded."
    if (view.getUint8(BFD_LENGTH) !== AUTH_TYPE[this.#plan.type]) return 'authentication-type';
    const lengthGiven = view.getUint8(BFD_LENGTH + 1);
    const isWhole = bytes.byteLength >= BFD_LENGTH + AUTH_LENGTH;
    const key = isWhole ? this.#keys.get(view.getUint8(BFD_LENGTH + 2)) : undefined;
    // "If the Auth Key ID field does not match the ID of a configured authentication key, … discarded."
    if (isWhole && key === undefined) return 'authentication-key-unknown';
    // "If the Auth Len field is not equal to 28, the packet MUST be discarded."
    if (!isWhole || lengthGiven !== AUTH_LENGTH) return 'authentication-length';
    const sequence = view.getUint32(SEQUENCE_AT);
    if (!this.#isExpected(sequence, view.getUint8(2))) return 'authentication-sequence';
    const given = bytes.subarray(HASH_AT, HASH_AT + SHA1_BYTES);
    if (!isSame(given, hashWith(bytes, key))) return 'authentication-hash';
    this.#heardSequence = sequence;
    return undefined;
  }

  /** "bfd.AuthSeqKnown MUST be set to zero after no packets … for at least twice the Detection Time" (6.8.1). */
  forget(): void {
    this.#heardSequence = undefined;
  }

  /** Meticulous counts every packet; keyed at least every one that says something new (section 6.7.4). */
  #advance(section: Uint8Array): void {
    const says = section.join(' ');
    if (this.#plan.type === 'meticulous-keyed-sha1' || says !== this.#sentBefore) {
      this.#sendSequence = (this.#sendSequence + 1) >>> 0;
    }
    this.#sentBefore = says;
  }

  /** "… when treated as an unsigned 32-bit circular number space". */
  #isExpected(sequence: number, detectMult: number): boolean {
    if (this.#heardSequence === undefined) return true;
    const ahead = (sequence - this.#heardSequence) >>> 0;
    const aheadMin = this.#plan.type === 'meticulous-keyed-sha1' ? 1 : 0;
    return ahead >= aheadMin && ahead <= WINDOW_PER_MULT * detectMult;
  }
}

/** "… the secret key, … padded with trailing zero bytes" to the 20 of the field. */
function padded(secret: Uint8Array): Uint8Array {
  assert(secret.byteLength > 0 && secret.byteLength <= SHA1_BYTES, 'a BFD key has 1 to 20 bytes');
  const key = new Uint8Array(SHA1_BYTES);
  key.set(secret);
  return key;
}

/** The hash of the whole packet with the key in the place of the hash. */
function hashWith(bytes: Uint8Array, key: Uint8Array | undefined): Uint8Array {
  // Not `slice`, which of a Node Buffer is no copy.
  const keyed = new Uint8Array(bytes);
  if (key !== undefined) keyed.set(key, HASH_AT);
  return sha1(keyed);
}

/** Takes the same time wherever the difference is. */
function isSame(given: Uint8Array, wanted: Uint8Array): boolean {
  let difference = 0;
  wanted.forEach((byte, index) => {
    difference |= byte ^ (given[index] ?? 0);
  });
  return difference === 0;
}
