/** Sentences of the notes about desired state and the steps towards it. */
import type { StateNote } from '../model/notes/state-note.ts';
import { duration } from './render-duration.ts';
import { counted, pointed, type Sentences } from './render-sentences.ts';

export const stateSentences: Sentences<StateNote> = {
  desiredAccepted: ({ revision }) => `Desired revision ${revision} is accepted.`,
  desiredRefused: ({ revision, reason, pointer, because }) =>
    `Desired revision ${revision} was refused: ${reason}${pointed(pointer)}, ${because}.`,
  desiredReached: ({ revision }) => `Everything desired revision ${revision} asks for exists.`,
  planSent: ({ revision, tunnels, prefixes }) =>
    `The fast path got the plan of revision ${revision}: ${counted(tunnels, 'tunnel', 'tunnels')}, ${counted(prefixes, 'prefix', 'prefixes')}.`,
  stepDone: ({ step }) => `Done: ${step}.`,
  stepFailed: ({ step, because, retryInMs }) =>
    `Not done: ${step} (${because}); tried again in ${duration(retryInMs)}.`,
};
