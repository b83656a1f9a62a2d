/**
 * What is different from verb to verb of a command, and what a command without proof is told.
 */
import type { Command } from './payloads.ts';

type Verb = Command['verb'];

/**
 * The fast path answers in milliseconds, a measurement in two seconds, a board line after its retransmissions: what
 * takes longer is not going to happen. Another access point may need a whole attempt, a diagnosis all its probes.
 */
export const ANSWER_MS: Readonly<Record<Verb, number>> = {
  switchActiveTunnel: 10_000,
  probeAccessPoints: 10_000,
  switchAccessPoint: 30_000,
  startDiagnosis: 30_000,
  rekeyTunnel: 10_000,
  unlock: 10_000,
  blink: 10_000,
  setLogLevel: 10_000,
  // A machine that is still up after this is not going down.
  reboot: 60_000,
};

/** Ten diagnoses a minute from afar (AB-05): each of them sends probes. */
export const GAP_MS: Readonly<Partial<Record<Verb, number>>> = { startDiagnosis: 6_000 };

/** A command is for this moment: no longer than this may pass from its issue to its end (AB-23). */
export const LIFETIME_MS_MAX = 300_000;

export const UNPROVED = {
  absent: { code: 'EUNSIGNED', because: 'it carries no signature and nonce' },
  forged: { code: 'EFORGED', because: 'its signature is not that of the pinned issuer' },
  unpinned: { code: 'ENOISSUER', because: 'this device has no key of an issuer pinned' },
} as const;

/**
 * Whether a command waits at the gateway for a device that is away (task state `Offline`) or is dropped
 * (`OfflineNotConfiged`): what is for somebody who stands before the box now is worth nothing later.
 */
export const SURVIVES_OFFLINE: Readonly<Record<Verb, boolean>> = {
  switchActiveTunnel: true,
  switchAccessPoint: true,
  probeAccessPoints: false,
  startDiagnosis: true,
  rekeyTunnel: true,
  unlock: true,
  blink: false,
  setLogLevel: false,
  reboot: false,
};
