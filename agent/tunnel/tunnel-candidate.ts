/**
 * One tunnel as the choice sees it: everything that is known of it at the moment of deciding, and what speaks
 * against it.
 *
 * A session that is Up says that packets came until its detection time; it does not say that one came lately.
 * So each candidate also carries the age of its last packet: one that is older than its own interval makes it
 * suspect, because a path that died a moment ago looks exactly like this.
 */
import type { TunnelPlan, TunnelState } from '../model/tunnel.ts';
import {
  type Isp,
  NEVER_FORWARDS,
  type Uplink,
  type UplinkDownReason,
  type UplinkVerdict,
} from '../model/uplink.ts';
import type { SlaVerdict } from './choice/sla-judge.ts';

export interface TunnelCandidate {
  readonly plan: TunnelPlan;
  readonly uplink: Uplink | undefined;
  readonly verdict: UplinkVerdict;
  readonly state: TunnelState;
  /** Since when it could have been chosen without interruption. */
  readonly usableSinceMs: number | undefined;
  /** How long it must have been usable before traffic returns to it. */
  readonly holdMs: number;
  /** Its silence is expected and waited for. */
  readonly waiting?: { readonly for: 'adoption' | 'restart'; readonly untilMs: number };
  /** What was heard through it; absent when nobody listens. */
  readonly proof?: ProofOfLife;
  /** How well it keeps to the class of its traffic; absent where nothing is demanded. */
  readonly sla?: SlaVerdict;
  /** ISP of its gateway, where it is known. */
  readonly gatewayIsp?: Isp;
  /** How another tunnel of its uplink was lost, within one detection time of this one. */
  readonly siblingLost?: 'silent' | 'unheard';
}

export interface ProofOfLife {
  /** Since the last packet of any kind; undefined when none has come since the sockets opened. */
  readonly heardAgoMs: number | undefined;
  readonly openedAgoMs: number;
  /** How far apart the far end's packets are at most. */
  readonly intervalMs: number;
  readonly detectMs: number;
  /** Whether the far end says Up: until it does it would not send traffic back this way. Absent where nobody asked. */
  readonly farEndUp?: boolean;
}

/** What a punctual packet may be late: a quarter of its interval, and what timers of two machines need. */
const LATE_PART = 0.25;
const LATE_MS_MIN = 5;

/** How much doubt there is about a usable tunnel; 0 means proven alive now. */
export type Doubt = 0 | 1 | 2 | 3;

/** Older than one interval and its grace: a packet is missing. */
export function isSuspect({ proof }: TunnelCandidate): boolean {
  if (proof === undefined) return false;
  const graceMs = Math.max(LATE_MS_MIN, proof.intervalMs * LATE_PART);
  return (proof.heardAgoMs ?? Infinity) > proof.intervalMs + graceMs;
}

/**
 * A fresh packet clears a sibling of a tunnel that fell silent: their uplink still delivers. It does not clear
 * one of a tunnel whose far end stopped hearing us, because that direction shows only in the far end's word. Nor one
 * whose far end is not Up itself: it has heard us, and waits for our next packet to believe it.
 */
export function doubtOf(candidate: TunnelCandidate): Doubt {
  const { siblingLost, proof } = candidate;
  if (isSuspect(candidate)) return siblingLost === undefined ? 2 : 3;
  return siblingLost === 'unheard' || proof?.farEndUp === false ? 1 : 0;
}

/** Why there is doubt, after `it `; undefined when there is none. */
export function doubtWords(candidate: TunnelCandidate): string | undefined {
  const { proof, siblingLost, plan } = candidate;
  switch (doubtOf(candidate)) {
    case 0:
      return undefined;
    case 1:
      if (siblingLost !== 'unheard') return 'has a far end that is not Up yet';
      return `shares uplink ${plan.uplink} with a tunnel whose far end just stopped hearing us`;
    case 2:
    case 3: {
      const agoMs = proof?.heardAgoMs;
      const heard =
        agoMs === undefined
          ? 'has heard nothing yet'
          : `last heard something ${agoMs.toFixed(0)} ms ago`;
      const sibling = siblingLost === undefined ? '' : `, as did the lost one on ${plan.uplink}`;
      return `${heard}, more than its interval of ${(proof?.intervalMs ?? 0).toFixed(0)} ms${sibling}`;
    }
  }
}

/** Which rule keeps a tunnel from carrying traffic, and the sentence for it. */
export interface Objection {
  readonly rule:
    | 'uplink-unknown'
    | 'management-only'
    | 'never-forwards'
    | 'uplink-down'
    | 'session';
  readonly why: string;
}

/** Why a tunnel cannot carry traffic now; undefined when it can. */
export function objection(candidate: TunnelCandidate): Objection | undefined {
  const { uplink, verdict, state, plan } = candidate;
  if (uplink === undefined) {
    return { rule: 'uplink-unknown', why: `its uplink ${plan.uplink} is not configured` };
  }
  if (uplink.use === 'management-only') {
    return { rule: 'management-only', why: `uplink ${uplink.id} is for management only` };
  }
  if (uplink.priority === NEVER_FORWARDS) {
    return { rule: 'never-forwards', why: `uplink ${uplink.id} has priority -1` };
  }
  if (verdict.state === 'down') {
    return { rule: 'uplink-down', why: `uplink ${uplink.id} ${DOWN_WORDS[verdict.reason]}` };
  }
  return state === 'up' ? undefined : { rule: 'session', why: STATE_WORDS[state] };
}

/** A down uplink in words that follow its name. */
export const DOWN_WORDS: Readonly<Record<UplinkDownReason, string>> = {
  'not-observed-yet': 'has not been observed yet',
  'no-carrier-board': 'has no carrier (board)',
  'no-carrier-kernel': 'has no carrier (kernel)',
  'device-missing': 'has no device',
  'device-admin-down': 'is switched off',
  'no-address': 'has no address',
  'lte-not-registered': 'is not registered with the LTE network',
};

const STATE_WORDS: Readonly<Record<Exclude<TunnelState, 'up'>, string>> = {
  absent: 'its device does not exist',
  establishing: 'its session is not Up yet',
  down: 'its session is Down',
};

/** Another ISP than its gateway's, as far as both are known: traffic crosses between them. */
export function crossesIsps({ uplink, gatewayIsp }: TunnelCandidate): boolean {
  return uplink?.isp !== undefined && gatewayIsp !== undefined && uplink.isp !== gatewayIsp;
}

export function isViolated({ sla }: TunnelCandidate): boolean {
  return sla?.verdict === 'violated';
}

/** From when on it has proved itself. */
export function readyAtMs(candidate: TunnelCandidate): number {
  return (candidate.usableSinceMs ?? Infinity) + candidate.holdMs;
}
