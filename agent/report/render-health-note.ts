/** Sentences of the notes about health checks. */
import type { HealthNote } from '../model/notes/health-note.ts';
import type { Sentences } from './render-sentences.ts';

const STATUSES = { success: 'succeeds', failed: 'fails', unknown: 'cannot be made' } as const;

export const healthSentences: Sentences<HealthNote> = {
  healthCheckChanged: ({ id, destination, status, because }) =>
    `Health check ${id} of ${destination} ${STATUSES[status]}${because === '' ? '' : `: ${because}`}.`,
};
