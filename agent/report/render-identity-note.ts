/** Sentences of the notes about the device's certificate. */
import type { IdentityNote } from '../model/notes/identity-note.ts';
import { duration } from './render-duration.ts';
import { clause, counted, type Sentences } from './render-sentences.ts';
import { utcMinute } from './render-utc.ts';

export const identitySentences: Sentences<IdentityNote> = {
  enrolmentStarted: ({ serialNumber }) =>
    `This device has no certificate yet and asks for one as ${serialNumber}.`,
  enrolmentImpossible: ({ reason, because }) =>
    `This device cannot get a certificate by itself: ${reason}, ${clause(because)}.`,
  enrolmentFailed: ({ gateway, reason, because, retryInMs }) =>
    `Gateway ${gateway} gave no certificate: ${reason}, ${clause(because)}; next attempt in ${duration(retryInMs)}.`,
  enrolled: ({ serialNumber, gateway, afterMs }) =>
    `Gateway ${gateway} gave ${serialNumber} its certificate after ${duration(afterMs)}.`,
  certificateRenewed: ({ generation, endMs }) =>
    `The device has a new certificate (${generation}), good until ${utcMinute(endMs)}; the old one stays until a gateway has accepted it.`,
  certificateProved: ({ generation }) =>
    `A gateway has accepted certificate ${generation}; older ones are gone.`,
  renewalFailed: ({ reason, because, retryInMs }) =>
    `The certificate could not be renewed: ${reason}, ${clause(because)}; next attempt in ${duration(retryInMs)}.`,
  certificateEndsSoon: ({ days }) =>
    `The certificate of this device ends within ${counted(days, 'day', 'days')} and could not be renewed.`,
  certificateEnded: () =>
    'The certificate of this device has ended; traffic is not touched, but no gateway takes the device.',
  timeLearnt: ({ source, toldMs }) =>
    `Certificates are judged by the ${source} clock from ${utcMinute(toldMs)} on.`,
  boardClockRefuted: ({ saidMs, sinceMs }) =>
    `The board says it is ${utcMinute(saidMs)}; a certificate from the CA of this network began at ${utcMinute(sinceMs)} and the clock of this machine agrees, so the board is not believed.`,
  gatewayTimeRefused: ({ toldMs }) =>
    `A gateway says it is ${utcMinute(toldMs)}, which cannot be; its time is not taken.`,
  clockNotSet: ({ because }) => `The clock of this machine is wrong and stays so: ${because}.`,
};
