/** What the disk remembers of a document that did not prove itself, and whether it may be tried once more. */
import type { HashedDocument, TrialRecord } from '../model/desired.ts';
import type { DesiredSnapshot } from '../model/snapshot.ts';

/** This many starts, or outages it had no part in, that met one document unproved: it is left alone (F-30). */
const INTERRUPTIONS_MAX = 3;
/** What comes back within this after the undoing had been cut by the document. */
const RETURN_MS = 30_000;

export function trialRecord(
  { document, hash }: HashedDocument,
  interruptions: number,
): TrialRecord {
  return { v: 1, state: 'trial', revision: document.revision, hash, interruptions };
}

export function isSpent({ interruptions }: Pick<TrialRecord, 'interruptions'>): boolean {
  return interruptions >= INTERRUPTIONS_MAX;
}

/**
 * The gateway sends it again because it was reached again: soon after the undoing, so that the document had been in
 * the way, or only much later, so that something else was.
 */
export function mayTryAgain(record: TrialRecord, undoneAtMs: number, nowMs: number): boolean {
  if (isSpent(record)) return false;
  if (record.state === 'trial') return true;
  return record.code === 'EDESIRED_UNCONFIRMED' && nowMs - undoneAtMs > RETURN_MS;
}

export function refusedBy(record: TrialRecord): NonNullable<DesiredSnapshot['refused']> {
  const { revision, code = 'EDESIRED_INTERRUPTED', pointer = '' } = record;
  return { revision, code, pointer };
}
