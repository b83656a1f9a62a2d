/** Sentences of the notes about the names of access gateways. */
import type { NameNote } from '../model/notes/name-note.ts';
import { duration } from './render-duration.ts';
import type { Sentences } from './render-sentences.ts';

export const nameSentences: Sentences<NameNote> = {
  keptAddressUsed: ({ name, address, because, provedAgoMs }) =>
    `Gateway ${name} was reached at ${address}, ${provedAgoMs === undefined ? 'which was heard before' : `which proved itself ${duration(provedAgoMs)} ago`}: ${because}.`,
  gatewayAddressSetAside: ({ name, address, reason, because }) =>
    `Who answers at ${address} is not gateway ${name}: ${reason}, ${because}; the address is tried last for ten minutes.`,
  gatewayAddressesLost: ({ path, because }) =>
    `The kept addresses of gateways in ${path} are not believed: ${because}; they are learnt anew.`,
  gatewayAddressesNotKept: ({ because }) =>
    `The addresses of gateways are known until the end of this run only: ${because}.`,
};
