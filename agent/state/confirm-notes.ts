/** The notes of commit-confirm, made from what it decided. */
import type { Refusal, TrialRecord } from '../model/desired.ts';
import type { ConfirmEffect } from './confirm-events.ts';

export function stepNote(
  code: 'desiredAccepted' | 'desiredConfirmed',
  revision: number,
): ConfirmEffect {
  return { type: 'noted', note: { code, level: 'notice', revision } };
}

export function refusedNote(revision: number, refusal: Refusal): ConfirmEffect {
  const { code: reason, pointer, sentence: because } = refusal;
  return {
    type: 'noted',
    note: { code: 'desiredRefused', level: 'warning', revision, reason, pointer, because },
  };
}

/** `to`: the revision that is in force again, 0 for none. */
export function undoneNote(record: TrialRecord, to: number, because: string): ConfirmEffect {
  const { revision, code: reason = '' } = record;
  return {
    type: 'noted',
    note: { code: 'desiredUndone', level: 'warning', revision, to, reason, because },
  };
}
