/**
 * The states of a registration, how one can end, and how both are told: as notes and as a snapshot.
 */
import type { AccessNote } from '../model/notes/access-note.ts';
import type { RegistrationSnapshot } from '../model/snapshot.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import type { Attempt } from './gateway-walk.ts';
import type { RegistrationEffect } from './registration-events.ts';

export type RegistrationState =
  | { readonly name: 'idle' }
  /** `mayHurry`: a path that comes back ends the wait early. */
  | { readonly name: 'waiting'; readonly mayHurry: boolean }
  | { readonly name: 'connecting'; readonly attempt: Attempt }
  | { readonly name: 'registering'; readonly attempt: Attempt; readonly area: string }
  | { readonly name: 'registered'; readonly attempt: Attempt; readonly area: string }
  | { readonly name: 'leaving'; readonly byeId: number }
  | { readonly name: 'left' };

/** The states that stand on a connection or the attempt at one. */
export type AttemptState = Extract<RegistrationState, { readonly attempt: Attempt }>;

/** How a connection ended, as the channel or we ourselves put it. */
export interface Ending {
  readonly code: string;
  readonly text: string;
  readonly reasonCode?: number;
  readonly serverReference?: string;
}

/** Undefined where the channel has closed by itself. */
export type CloseHow = 'bye' | 'drop' | undefined;

export function noted(note: AccessNote): RegistrationEffect {
  return { type: 'noted', note };
}

/** Connected, whether or not anything was proved yet. */
export function isOpen({ name }: RegistrationState): boolean {
  return name === 'registering' || name === 'registered';
}

export function hasAttempt(state: RegistrationState): state is AttemptState {
  return 'attempt' in state;
}

/** A gateway of another area, or one that does not say, is not ours. */
export function areaMismatch(
  attempt: Attempt,
  ours: string,
  theirs: string | undefined,
): Ending | undefined {
  if (theirs === ours) return undefined;
  const serves = theirs === undefined ? 'does not say its area' : `serves ${theirs}`;
  const text = `gateway ${attempt.gateway.id} ${serves}, this device belongs to ${ours}`;
  return { code: 'EAREA_MISMATCH', text };
}

/** Reason codes from here on are failures (MQTT 5, 2.4). */
const FAILURE_REASON_MIN = 0x80;

export function birthRefusal(reasonCode: number): Ending | undefined {
  if (reasonCode < FAILURE_REASON_MIN) return undefined;
  const code = `EMQTT_0x${reasonCode.toString(16)}`;
  return { code, text: 'the gateway refused our birth', reasonCode };
}

/** What `verdict` means for the connection of `state`: its end, when it stood on that uplink's old address. */
export function uplinkLoss(
  state: RegistrationState,
  uplink: UplinkId,
  verdict: UplinkVerdict,
): Ending | undefined {
  if (!hasAttempt(state) || state.attempt.path.uplink !== uplink) return undefined;
  const { sourceAddress } = state.attempt.path;
  if (verdict.state === 'up' && verdict.address === sourceAddress) return undefined;
  const text =
    verdict.state === 'down'
      ? `${uplink} is down: ${verdict.reason}`
      : `${uplink} no longer has the address ${sourceAddress}`;
  return { code: 'EUPLINK_LOST', text };
}

export function noAnswer(withinMs: number): Ending {
  return { code: 'ETIMEOUT', text: `no answer within ${withinMs} ms` };
}

export function pathChange(text: string): Ending {
  return { code: 'EPATH_CHANGED', text };
}

export function isRegisteredOver(state: RegistrationState, uplink: UplinkId): boolean {
  return state.name === 'registered' && state.attempt.path.uplink === uplink;
}

export function stateNote(from: string, to: string, because: string): AccessNote {
  return { code: 'registrationStateChanged', level: 'debug', from, to, because };
}

export function registeredNote(attempt: Attempt, area: string, afterMs: number): AccessNote {
  const gateway = attempt.gateway.id;
  const overUplink = attempt.path.uplink;
  return { code: 'registered', level: 'notice', gateway, area, overUplink, afterMs };
}

export function endingNote(state: AttemptState, ending: Ending, retryInMs: number): AccessNote {
  const gateway = state.attempt.gateway.id;
  if (state.name === 'registered') {
    const because = `${ending.code}: ${ending.text}`;
    return { code: 'registrationLost', level: 'warning', gateway, because, retryInMs };
  }
  return {
    code: 'attemptFailed',
    level: 'warning',
    gateway,
    overUplink: state.attempt.path.uplink,
    reason: ending.code,
    because: ending.text,
    retryInMs,
  };
}

export function snapshotOf(
  state: RegistrationState,
  about: {
    readonly sinceMs: number;
    readonly attempts: number;
    readonly lastEnding: Ending | undefined;
    readonly retryAtMs: number | undefined;
  },
): RegistrationSnapshot {
  const { sinceMs, attempts, lastEnding, retryAtMs } = about;
  return {
    state: state.name === 'leaving' || state.name === 'left' ? 'idle' : state.name,
    sinceMs,
    attempts,
    ...(hasAttempt(state)
      ? { gateway: state.attempt.gateway.id, overUplink: state.attempt.path.uplink }
      : {}),
    ...('area' in state ? { area: state.area } : {}),
    ...(lastEnding === undefined
      ? {}
      : { lastError: { code: lastEnding.code, text: lastEnding.text } }),
    ...(retryAtMs === undefined ? {} : { retryAtMs }),
  };
}
