/**
 * Which words of the board end an update, and how a person is told.
 */
import type { UpdateStatus } from '../wire/messages.ts';
import type { UpdateFailure } from './update-note.ts';

export interface UpdateJudgement {
  readonly code: UpdateFailure;
  readonly text: string;
}

const FAILURES: Readonly<Partial<Record<UpdateStatus, UpdateJudgement>>> = {
  wrongModel: { code: 'EFW_MODEL', text: 'the image is for another model' },
  wrongChecksum: { code: 'EFW_CHECKSUM', text: 'the image is damaged: its checksum is wrong' },
  tooLarge: { code: 'EFW_TOO_LARGE', text: 'the image is larger than a slot of the board' },
  tooOld: { code: 'EFW_TOO_OLD', text: 'the image is older than the oldest the board takes' },
};

/** Undefined for a word that does not end the update. */
export function failureOf(status: UpdateStatus): UpdateJudgement | undefined {
  return FAILURES[status];
}
