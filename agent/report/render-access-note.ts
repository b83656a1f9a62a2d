/** Sentences of the notes about registration, outbox and MQTT. */
import type { AccessNote } from '../model/notes/access-note.ts';
import { duration } from './render-duration.ts';
import { counted, pointed, type Sentences } from './render-sentences.ts';

export const accessSentences: Sentences<AccessNote> = {
  registered: ({ gateway, area, overUplink, afterMs }) =>
    `Registered with access gateway ${gateway} of ${area} over ${overUplink} after ${duration(afterMs)}.`,
  registrationLost: ({ gateway, because, retryInMs }) =>
    `Registration with access gateway ${gateway} is lost: ${because}; next attempt in ${duration(retryInMs)}.`,
  registrationStateChanged: ({ from, to, because }) =>
    `Registration went from ${from} to ${to}: ${because}.`,
  attemptFailed: ({ gateway, overUplink, reason, because, retryInMs }) =>
    `Access gateway ${gateway} was not reached over ${overUplink}: ${reason}, ${because}; next attempt in ${duration(retryInMs)}.`,
  identityInUseTwice: ({ gateway, because }) =>
    `Somebody else uses this device's identity at access gateway ${gateway}: ${because}.`,
  accessPointMissed: ({ accessPoint, because }) =>
    `The chosen access point ${accessPoint} cannot be had (${because}); it is tried again in ten minutes.`,
  accessPointsRanked: ({ nearest, standby, because }) =>
    `Access gateway ${nearest} is the nearest and ${standby} stands by: ${because}.`,
  redirectRefused: ({ gateway, reference }) =>
    `Access gateway ${gateway} sent this device to ${reference}, which is not in its configuration; refused.`,
  bornAgain: ({ because }) => `Birth and full state were sent again: ${because}.`,
  serialNumberMismatch: ({ certificate, board }) =>
    `The certificate is for serial number ${certificate}, but the board says ${board}.`,
  eventRaised: ({ event, id }) => `Event ${event} is on its way to the gateway as ${id}.`,
  eventStored: ({ id }) => `The gateway has stored event ${id}.`,
  eventsDropped: ({ why, dropped }) =>
    `${why === 'full' ? 'The outbox was full' : 'Events waited too long'}; ${counted(dropped, 'event was', 'events were')} dropped so far.`,
  eventQuarantined: ({ id, reason }) =>
    `The gateway refuses event ${id} (${reason}); it is set aside and not sent again.`,
  storeRefused: ({ shelf, reason }) => `The disk refused a record of ${shelf}: ${reason}.`,
  storeQuarantined: ({ path, because }) =>
    `The damaged file ${path} was set aside and replaced: ${because}.`,
  storeVolatile: ({ path, because }) =>
    `Nothing outlives this run, because ${path} cannot be used: ${because}.`,
  commandAnswered: ({ id, verb, state, errorCode, because }) =>
    `Command ${id} (${verb}) ended as ${state}, ${errorCode}: ${because}.`,
  messageRefused: ({ topic, reason, pointer, because }) =>
    `A message on ${topic} was refused: ${reason}${pointed(pointer)}, ${because}.`,
};
