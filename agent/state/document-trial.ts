/**
 * One desired document on trial: what it must prove, and whether it has.
 *
 * A part of commit-confirm, split off by concern: that decides what becomes of documents, this what counts as proof.
 */
import type { DesiredDocument, HashedDocument } from '../model/desired.ts';
import { carriedDocument } from './carried-document.ts';

/** From the first step of a document to its proof, where the document does not say (F-38). */
export const CONFIRM_MS = 90_000;
/** A tunnel that a document has cut is found dead by then at any ordinary probe timing. */
const DATA_HOLD_MS = 3_000;

/** What works now. */
export interface Reach {
  readonly registered: boolean;
  /** A tunnel is chosen to carry traffic. */
  readonly data: boolean;
}

export interface Baseline {
  /** A tunnel carried traffic before: what did not work before is not blamed on the document. */
  readonly data: boolean;
  readonly former: DesiredDocument | undefined;
  /** Starts of the agent that met this document unproved so far. */
  readonly interruptions: number;
}

export class DocumentTrial {
  readonly hashed: HashedDocument;
  readonly interruptions: number;
  /** The way to the gateway is another one: only a connection made over it proves it. */
  readonly changesPath: boolean;
  /** Proved, and on its way to the disk. */
  isKept = false;
  readonly #demandsData: boolean;
  #awaitsNewPath: boolean;
  #askFromMs: number | undefined;
  #nonce: string | undefined;

  constructor(hashed: HashedDocument, { data, former, interruptions }: Baseline) {
    this.hashed = hashed;
    this.interruptions = interruptions;
    this.changesPath = changesPath(former, hashed.document);
    this.#awaitsNewPath = this.changesPath;
    this.#demandsData = data && carriedDocument(hashed.document).tunnels.length > 0;
  }

  get revision(): number {
    return this.hashed.document.revision;
  }

  /** How long it has to prove itself. */
  get confirmMs(): number {
    const { confirmWithinS } = this.hashed.document;
    return confirmWithinS === undefined ? CONFIRM_MS : confirmWithinS * 1_000;
  }

  /** Its steps have been taken, or tried. True the first time. */
  settled(nowMs: number): boolean {
    if (this.#askFromMs !== undefined) return false;
    this.#askFromMs = nowMs + (this.#demandsData ? DATA_HOLD_MS : 0);
    return true;
  }

  /** A registration that was made after the last step went over the path to be proved. */
  registered(): void {
    if (this.#askFromMs !== undefined) this.#awaitsNewPath = false;
  }

  /** From when on the nonce may be published; undefined while something else must come true first. */
  askFromMs(reach: Reach): number | undefined {
    if (this.isKept || this.#awaitsNewPath || this.#lacksData(reach)) return undefined;
    return reach.registered ? this.#askFromMs : undefined;
  }

  asked(nonce: string): void {
    this.#nonce = nonce;
  }

  isProvedBy(nonce: string, reach: Reach): boolean {
    return !this.isKept && nonce === this.#nonce && !this.#lacksData(reach);
  }

  /** Why it is not proved, as a sentence. */
  lacking(reach: Reach): string {
    if (this.#askFromMs === undefined) return 'its steps were not done in time';
    if (!reach.registered) return 'the gateway was not reached in time';
    if (this.#lacksData(reach)) return 'no tunnel carried traffic any more';
    return 'its nonce did not come back in time';
  }

  #lacksData(reach: Reach): boolean {
    return this.#demandsData && !reach.data;
  }
}

/** Whether packets to the gateway may go another way under `next`. */
function changesPath(former: DesiredDocument | undefined, next: DesiredDocument): boolean {
  return waysOf(former) !== waysOf(next);
}

function waysOf({ uplinks, lan, routes = [] }: Partial<DesiredDocument> = {}): string {
  const behind = routes.flatMap(({ cidr, nextHop }) =>
    nextHop === undefined ? [] : [cidr, nextHop],
  );
  return JSON.stringify([uplinks, lan, behind]);
}
