/**
 * How far a device is that asks for a certificate, and why it does not get on, as a clause without a full stop.
 */
import type { EnrolmentSnapshot } from '../model/snapshot.ts';
import { duration, since } from '../report/render-duration.ts';

export function enrolmentWords(enrolment: EnrolmentSnapshot, nowMs: number): string {
  const { lastError } = enrolment;
  const last = lastError === undefined ? '' : `; last error ${lastError.code}: ${lastError.text}`;
  return `enrolling for a certificate, ${doing(enrolment, nowMs)}${last}`;
}

function doing(enrolment: EnrolmentSnapshot, nowMs: number): string {
  const { state, gateway = 'a gateway', sinceMs, retryAtMs = nowMs } = enrolment;
  switch (state) {
    case 'awaitingBoard':
      return enrolment.lastError === undefined
        ? 'waiting for the board to say who this device is'
        : 'which cannot succeed';
    case 'preparing':
      return 'making a key';
    case 'connecting':
      return `connecting to ${gateway}, for ${since(sinceMs, nowMs)}`;
    case 'asking':
    case 'claiming':
      return `waiting for the word of ${gateway}, for ${since(sinceMs, nowMs)}`;
    case 'proving':
      return `waiting for the board to vouch for it, for ${since(sinceMs, nowMs)}`;
    case 'keeping':
    case 'enrolled':
      return 'which has just succeeded';
    case 'waiting':
      return `next attempt in ${duration(Math.max(0, retryAtMs - nowMs))}`;
  }
}
