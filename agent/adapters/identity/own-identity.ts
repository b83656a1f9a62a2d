/**
 * Does the work of the identity cores: makes requests, keeps pairs, shows one of them to the gateway, keeps the time
 * and sets the machine's clock. Whatever cannot be done comes back as an event or a note, never as an exception.
 */
import { X509Certificate } from 'node:crypto';
import type { BoardEvent } from '../../../firmware-shim/ports.ts';
import type { EnrolmentPath } from '../../access/enrolment-events.ts';
import { IdentityPairs } from '../../durable/identity-pairs.ts';
import { keepSealed, readSealed } from '../../durable/sealed-file.ts';
import type { IdentityFacts, IdentityWork, PairFacts } from '../../model/certificate.ts';
import type { IdentityNote } from '../../model/notes/identity-note.ts';
import type { EnrolmentSnapshot } from '../../model/snapshot.ts';
import type { Files, IdentityPort } from '../../ports.ts';
import { DirectoryFiles } from '../store/directory-files.ts';
import { certificatesIn } from './certificate-chain.ts';
import { certificateRequest, newKey } from './certificate-request.ts';
import { Enroller, type EnrollerOptions } from './enroller.ts';
import { checkIssued, type Identity, readIdentity, withSuccessors } from './identity.ts';
import { setMachineClock } from './machine-clock.ts';

/** What a device keeps of its identity, and the time below which it cannot be. */
export interface IdentityShelf {
  readonly files: Files;
  readonly pairs: IdentityPairs;
  readonly floorMs: number;
}

/** Told once there is somebody to tell. */
interface Surroundings extends Pick<EnrollerOptions, 'trustedMs' | 'command' | 'onNote'> {
  /** From the next attempt on this is shown. */
  readonly show: (identity: Identity) => void;
}

type Enrols = Pick<EnrollerOptions, 'config' | 'random' | 'finder'>;
type Done = Parameters<IdentityPort['perform']>[1];
const CLOCK_FILE = 'clock';

export function openIdentityShelf(stateDirectory: string, builtMs: number): IdentityShelf {
  const files = new DirectoryFiles(stateDirectory);
  return { files, pairs: new IdentityPairs(files), floorMs: clockFloor(files, builtMs) };
}

export class OwnIdentity implements IdentityPort {
  readonly identity: Identity;
  readonly facts: IdentityFacts;
  readonly #files: Files;
  readonly #pairs: IdentityPairs;
  readonly #enrols: Enrols;
  #around: Surroundings | undefined;
  #enroller: Enroller | undefined;
  /** Out of the box, for an enrolment. */
  #ways: readonly EnrolmentPath[] = [undefined];
  /** For an enrolment that begins later: who the board says this is. */
  #boardUp: BoardEvent | undefined;

  /** Undefined for a device that has no identity yet. */
  static read({ files, pairs, floorMs }: IdentityShelf, enrols: Enrols): OwnIdentity | undefined {
    const identity = readIdentity(enrols.config.access, pairs);
    return identity && new OwnIdentity(identity, { files, pairs, floorMs }, enrols);
  }

  private constructor(identity: Identity, shelf: IdentityShelf, enrols: Enrols) {
    const { files, pairs, floorMs } = shelf;
    this.identity = identity;
    this.#files = files;
    this.#pairs = pairs;
    this.#enrols = enrols;
    this.facts = identityFacts(identity, pairs, floorMs);
  }

  join(around: Surroundings): void {
    this.#around = around;
  }

  /** The floor until the wiring knows better. */
  trustedMs(): number {
    return this.#around?.trustedMs() ?? this.facts.floorMs;
  }

  /** Every event of the board. */
  hear(event: BoardEvent): void {
    if (event.type === 'boardUp') this.#boardUp = event;
    if (event.type === 'boardLost') this.#boardUp = undefined;
    this.#enroller?.hear(event);
  }

  /** Undefined unless the device asks for a certificate at present. */
  enrolment(): EnrolmentSnapshot | undefined {
    return this.#enroller?.snapshot();
  }

  async close(): Promise<void> {
    const enroller = this.#enroller;
    this.#enroller = undefined;
    await enroller?.close();
  }

  perform(work: IdentityWork, done: Done): void {
    try {
      this.#perform(work, done);
    } catch (error) {
      const { code, message } = error as Error & { readonly code?: unknown };
      done({
        type: 'workFailed',
        code: typeof code === 'string' ? code : 'EFAILED',
        text: message,
      });
    }
  }

  #perform(work: IdentityWork, done: Done): void {
    const { ca, serialNumber } = this.identity;
    const pairs = this.#pairs;
    switch (work.what) {
      case 'enrol':
        return this.#enrol(done);
      case 'takeWays':
        // Where none of them leads to a gateway the system may know another.
        this.#ways = [...work.paths, undefined];
        return this.#enroller?.takePaths(this.#ways);
      case 'leaveEnrolment':
        return void this.close();
      case 'makeRequest': {
        const request = certificateRequest(serialNumber, pairs.waitingKey(newKey));
        return done({ type: 'requestMade', request });
      }
      case 'keepPair': {
        const { certificate } = work;
        const key = pairs.waitingKey(newKey);
        checkIssued({ serialNumber, certificate, key, ca }, this.trustedMs());
        pairs.complete(certificate, key);
        const pair = this.#facts()[0];
        return pair && done({ type: 'pairKept', pair });
      }
      case 'usePair': {
        const pair = pairs.all().find(({ generation }) => generation === work.generation);
        if (pair === undefined) return undefined;
        const trust = withSuccessors(ca, pair.certificate);
        return this.#around?.show({ serialNumber, ...pair, ca: trust });
      }
      case 'provePair':
        return pairs.proved(work.generation);
      case 'discardPair':
        return pairs.discard(work.generation);
      case 'keepTime':
        keepSealed(this.#files, CLOCK_FILE, new TextEncoder().encode(String(work.wallMs)));
        return undefined;
      case 'setSystemClock':
        return this.#noteIf(setMachineClock(work.wallMs));
    }
  }

  #noteIf(note: IdentityNote | undefined): void {
    if (note !== undefined) this.#around?.onNote(note);
  }

  #enrol(done: Done): void {
    const around = this.#around;
    if (around === undefined || this.#enroller !== undefined) return;
    const enroller = new Enroller({ ...this.#enrols, ...around, pairs: this.#pairs });
    this.#enroller = enroller;
    enroller.takePaths(this.#ways);
    if (this.#boardUp !== undefined) enroller.hear(this.#boardUp);
    void this.#enrolled(enroller, done);
  }

  async #enrolled(enroller: Enroller, done: Done): Promise<void> {
    await enroller.done;
    await this.close();
    const pair = this.#facts()[0];
    if (pair !== undefined) done({ type: 'pairKept', pair });
  }

  #facts(): readonly PairFacts[] {
    return this.#pairs
      .all()
      .map(({ generation, certificate }) => pairFacts(generation, certificate));
  }
}

/** What the cores must know at the start. */
function identityFacts(
  { certificate, ca }: Identity,
  pairs: IdentityPairs,
  floorMs: number,
): IdentityFacts {
  const own = pairs.all();
  const renews = own.some((pair) => pair.certificate === certificate);
  return {
    pairs: renews
      ? own.map((pair) => pairFacts(pair.generation, pair.certificate))
      : [pairFacts(0, certificate)],
    renews,
    floorMs,
    ceilingMs: clockCeiling(ca),
  };
}

/** What there is to know of a certificate without its bytes. */
function pairFacts(generation: number, certificate: string): PairFacts {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  return { generation, fromMs: validFromDate.getTime(), endMs: validToDate.getTime() };
}

/** The time below which it cannot be: this release, and the last time a gateway confirmed. */
function clockFloor(files: Files, builtMs: number): number {
  const { content } = readSealed(files, CLOCK_FILE);
  const keptMs = Number(content && new TextDecoder().decode(content));
  return Number.isSafeInteger(keptMs) ? Math.max(builtMs, keptMs) : builtMs;
}

/** After the last pinned CA has ended nothing can be trusted: a clock that says so is wrong or makes no difference. */
export function clockCeiling(ca: string): number {
  return Math.max(...certificatesIn(ca).map(({ validToDate }) => validToDate.getTime()));
}
