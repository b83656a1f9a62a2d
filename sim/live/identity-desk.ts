/**
 * The CCN's identity desk: who was sold with which factory key, and which certificate was given to whom.
 *
 * A factory secret is exchanged once. Until the certificate has been used the exchange may be repeated (an answer can
 * get lost); afterwards the same key pair gets its certificate again and any other is a clone, until the certificate
 * has ended or an operator has reset the key (`ClearSagCipher` of the SAG API; `DistributeSkStatus` says whether it
 * is in use).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IdentityAnswer, IdentityRefusalCode } from '../../agent/access/identity-payloads.ts';
import { identityProof } from '../models/board/board-secret.ts';
import { type Authority, readRequest } from './certificates.ts';
import { isDeviceId } from './gateway/topic-acl.ts';

export interface IdentityDeskOptions {
  readonly authority: Authority;
  /** Life of the next device certificate. */
  readonly lifeDays: () => number;
  readonly nowMs: () => number;
  /** Somebody has the key of a device whose identity is in use: the cause of `DeviceHacked`. */
  readonly onClone?: (serialNumber: string) => void;
  readonly onRefused?: (serialNumber: string, code: IdentityRefusalCode, why: string) => void;
}

interface Sold {
  readonly factoryKey: Uint8Array;
  issued: { readonly publicKey: string; readonly endsAtMs: number } | undefined;
  inUse: boolean;
}

/** One exchange that has begun. */
export interface Challenge {
  readonly serialNumber: string;
  readonly request: string;
  readonly nonce: string;
  readonly bornAtMs: number;
}

const NONCE_BYTES = 32;
/** The board answers within three seconds and a network within ten. */
const CHALLENGE_MS = 30_000;
const DAY_MS = 86_400_000;

export class IdentityDesk {
  readonly #options: IdentityDeskOptions;
  readonly #sold = new Map<string, Sold>();

  constructor(options: IdentityDeskOptions) {
    this.#options = options;
  }

  /** A device left the factory with this key. */
  sell(serialNumber: string, factoryKey: Uint8Array): void {
    this.#sold.set(serialNumber, { factoryKey, issued: undefined, inUse: false });
  }

  /** An operator allows the factory key to be exchanged once more. */
  reset(serialNumber: string): void {
    const sold = this.#sold.get(serialNumber);
    if (sold === undefined) return;
    sold.issued = undefined;
    sold.inUse = false;
  }

  /** The device has connected with its certificate: the exchange is over. */
  used(serialNumber: string): void {
    const sold = this.#sold.get(serialNumber);
    if (sold?.issued !== undefined) sold.inUse = true;
  }

  /** `DistributeSkStatus` (DescribeSmartAccessGatewayAttribute). */
  keyStatus(serialNumber: string): '0' | '1' {
    return this.#sold.get(serialNumber)?.inUse === true ? '1' : '0';
  }

  /** Anybody gets a challenge, so that nobody learns from it which serial numbers exist. */
  async begin(serialNumber: string, request: string): Promise<Challenge | IdentityAnswer> {
    if (!isDeviceId(serialNumber)) {
      return this.#refuse(serialNumber, 'EENROL_ID', 'This is no serial number.');
    }
    const read = await readRequest(request);
    if (read?.commonName !== serialNumber) {
      const sentence = 'The request cannot be verified or names another device.';
      return this.#refuse(serialNumber, 'EENROL_REQUEST', sentence);
    }
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    return { serialNumber, request, nonce, bornAtMs: this.#options.nowMs() };
  }

  async prove(challenge: Challenge, proof: string): Promise<IdentityAnswer> {
    const { serialNumber, request, bornAtMs } = challenge;
    const nowMs = this.#options.nowMs();
    if (nowMs - bornAtMs > CHALLENGE_MS) {
      return this.#refuse(serialNumber, 'EENROL_CHALLENGE', 'The challenge is too old.');
    }
    const sold = this.#sold.get(serialNumber);
    if (sold === undefined || !isProof(challenge, sold.factoryKey, proof)) {
      // One answer for both: which serial numbers exist is nobody's business.
      const sentence = 'Serial number and factory key do not belong together.';
      return this.#refuse(serialNumber, 'EENROL_PROOF', sentence);
    }
    const { publicKey = '' } = (await readRequest(request)) ?? {};
    const { issued, inUse } = sold;
    if (
      inUse &&
      issued !== undefined &&
      issued.publicKey !== publicKey &&
      nowMs < issued.endsAtMs
    ) {
      this.#options.onClone?.(serialNumber);
      const sentence =
        'This identity is in use; reset its key in the console to exchange it again.';
      return this.#refuse(serialNumber, 'EENROL_CLONE', sentence);
    }
    return this.#issue(sold, request, publicKey);
  }

  /** The device asks over mutual TLS: who it is has been proved already. */
  async renew(serialNumber: string, request: string): Promise<IdentityAnswer> {
    const read = await readRequest(request);
    if (read?.commonName !== serialNumber) {
      const sentence = 'The request cannot be verified or names another device.';
      return this.#refuse(serialNumber, 'EENROL_REQUEST', sentence);
    }
    const sold = this.#sold.get(serialNumber);
    if (sold === undefined) {
      return this.#refuse(serialNumber, 'EENROL_ID', 'This device was not sold here.');
    }
    return this.#issue(sold, request, read.publicKey);
  }

  async #issue(sold: Sold, request: string, publicKey: string) {
    const { authority, nowMs } = this.#options;
    const lifeDays = this.#options.lifeDays();
    const certificate = await authority.signDevice(request, { untilDays: lifeDays });
    sold.issued = { publicKey, endsAtMs: nowMs() + lifeDays * DAY_MS };
    return { v: 1, kind: 'issued', certificate } as const;
  }

  #refuse(serialNumber: string, code: IdentityRefusalCode, sentence: string): IdentityAnswer {
    this.#options.onRefused?.(serialNumber, code, sentence);
    return { v: 1, kind: 'refused', code, sentence };
  }
}

/** As `docs/PROTOCOL.md` words it, computed here a second time and not taken from the agent. */
function isProof(
  { serialNumber, request, nonce }: Challenge,
  factoryKey: Uint8Array,
  proof: string,
): boolean {
  const sha256 = (text: string) => createHash('sha256').update(text);
  const text = `sag-enrolment-1\n${serialNumber}\n${nonce}\n${sha256(request).digest('hex')}`;
  const expected = identityProof(factoryKey, serialNumber, sha256(text).digest());
  const given = Buffer.from(proof, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
