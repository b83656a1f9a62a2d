/** Sentences of the notes about the device's certificate. */
import type { IdentityNote } from '../model/notes/identity-note.ts';
import { duration } from './render-duration.ts';
import { clause, type Sentences } from './render-sentences.ts';

export const identitySentences: Sentences<IdentityNote> = {
  enrolmentStarted: ({ serialNumber }) =>
    `This device has no certificate yet and asks for one as ${serialNumber}.`,
  enrolmentImpossible: ({ reason, because }) =>
    `This device cannot get a certificate by itself: ${reason}, ${clause(because)}.`,
  enrolmentFailed: ({ gateway, reason, because, retryInMs }) =>
    `Gateway ${gateway} gave no certificate: ${reason}, ${clause(because)}; next attempt in ${duration(retryInMs)}.`,
  enrolled: ({ serialNumber, gateway, afterMs }) =>
    `Gateway ${gateway} gave ${serialNumber} its certificate after ${duration(afterMs)}.`,
};
