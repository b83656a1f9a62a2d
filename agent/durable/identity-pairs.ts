/**
 * The certificates a device got by itself: one generation for each pair of certificate and key, and beside them the
 * key that waits for its certificate.
 *
 * Certificate and key are there as one or not at all, and nothing points to a generation that could be missing. The
 * newest pair is used; an older one stays until a gateway has accepted the newer. The key is on the disk before a
 * certificate is asked for: whoever is interrupted asks again for the same key.
 */
import { type Files, FilesRefused } from '../ports.ts';
import { dropGeneration, keepGeneration, readGenerations } from './generations.ts';
import type { Kept } from './keep.ts';
import { forgetSealed, keepSealed, readSealed } from './sealed-file.ts';

export interface KeptPair {
  /** Grows with every pair. */
  readonly generation: number;
  /** PEM texts. */
  readonly certificate: string;
  readonly key: string;
}

const PAIRS = 'identity';
const WAITING_KEY = 'identity-key';
const CERTIFICATE = 'certificate.pem';
const KEY = 'key.pem';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class IdentityPairs {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  /** Newest first. */
  all(): readonly KeptPair[] {
    return readGenerations(this.#files, PAIRS).flatMap(({ number: generation, members }) => {
      const certificate = members.get(CERTIFICATE);
      const key = members.get(KEY);
      if (certificate === undefined || key === undefined) return [];
      return [{ generation, certificate: decoder.decode(certificate), key: decoder.decode(key) }];
    });
  }

  /** The key that waits: the one from before an interruption, or `fresh()`, kept before it is used. */
  waitingKey(fresh: () => string): string {
    const { content } = readSealed(this.#files, WAITING_KEY);
    const former = content && decoder.decode(content);
    // A key that has its certificate already waits for none: the power went before it could be forgotten.
    if (former !== undefined && !this.all().some(({ key }) => key === former)) return former;
    const key = fresh();
    must(keepSealed(this.#files, WAITING_KEY, encoder.encode(key)));
    return key;
  }

  /** Makes the waiting key and its certificate the newest pair. */
  complete(certificate: string, key: string): void {
    const members = new Map([
      [CERTIFICATE, encoder.encode(certificate)],
      [KEY, encoder.encode(key)],
    ]);
    must(keepGeneration(this.#files, PAIRS, members));
    // If that fails the key is known as used by the pair that has it.
    forgetSealed(this.#files, WAITING_KEY);
  }

  /** A gateway has accepted this pair: older ones are not needed any more. */
  proved(generation: number): void {
    for (const each of this.all()) {
      if (each.generation < generation) dropGeneration(this.#files, PAIRS, each.generation);
    }
  }

  /** Gives up a pair that no gateway accepts. */
  discard(generation: number): void {
    dropGeneration(this.#files, PAIRS, generation);
  }
}

function must(kept: Kept): void {
  if (!kept.ok) throw new FilesRefused(kept.code, kept.because);
}
