/**
 * Why the active tunnel changes, in causes and in words.
 */
import type { TunnelId } from '../../model/tunnel.ts';
import type { ActiveTunnelChange, ChangeCause } from '../../model/tunnel-change.ts';
import type { SessionMove } from '../bfd/bfd-events.ts';
import type { Choice } from './tunnel-choice.ts';

/** Why something is to be decided anew. */
export interface Evidence {
  readonly cause: ChangeCause;
  /** A clause such as `its session heard nothing for 152 ms`. */
  readonly because: string;
  readonly detectedAtMs: number;
  readonly silentForMs: number;
}

export function evidenceOf(cause: ChangeCause, because: string, nowMs: number): Evidence {
  return { cause, because, detectedAtMs: nowMs, silentForMs: 0 };
}

export function provedItself(nowMs: number): Evidence {
  return evidenceOf('better', 'it proved itself', nowMs);
}

/** A former run's choice that stays in force. */
export function adoption(tunnel: TunnelId, nowMs: number): ActiveTunnelChange {
  return {
    from: undefined,
    to: tunnel,
    cause: 'first-choice',
    because: `${tunnel} carried traffic before the restart of the agent and keeps it`,
    detectedAtMs: nowMs,
    silentForMs: 0,
    decideMs: 0,
    installMs: 0,
  };
}

/** A branch has fewer; of a gateway's thousands nobody reads more. */
const REJECTED_KEPT = 8;

/** Who decided it and who else was there. */
function verdictOf({
  rule,
  members,
  candidates,
}: Choice): Pick<ActiveTunnelChange, 'rule' | 'rejected'> {
  const rejected = candidates
    .filter(({ tunnel }) => !members.some((member) => member.tunnel === tunnel))
    .slice(0, REJECTED_KEPT)
    .map(({ tunnel, why }) => ({ tunnel, why }));
  return { rule, rejected };
}

/** A lost session in words that follow the name of its tunnel. */
export function moveWords(move: SessionMove): string {
  switch (move.cause) {
    case 'silence':
      return `its session heard nothing for ${Math.round(move.silentForMs)} ms`;
    case 'heardDown':
      return `its far end says Down (${move.peerDiagnostic})`;
    case 'heardAdminDown':
      return 'its far end is being restarted or switched off';
    case 'pathDown':
      return 'its engine lost it';
    default:
      return `its session is ${move.to} (${move.diagnostic})`;
  }
}

export function moveEvidence(move: SessionMove, nowMs: number): Evidence {
  const silence = move.cause === 'silence';
  return {
    cause: silence ? 'silence' : move.cause === 'pathDown' ? 'engine' : 'session-down',
    because: moveWords(move),
    detectedAtMs: nowMs,
    silentForMs: silence ? move.silentForMs : 0,
  };
}

/** All of a change that is known when it is decided. */
export function reasonOf(
  from: TunnelId | undefined,
  choice: Choice,
  evidence: Evidence,
): Reason & Pick<ActiveTunnelChange, 'rule' | 'rejected'> {
  return { ...groundOf(from, choice, evidence), ...verdictOf(choice) };
}

type Reason = Pick<ActiveTunnelChange, 'cause' | 'because' | 'detectedAtMs' | 'silentForMs'>;

/** The evidence counts when it speaks of the tunnel that is left; otherwise the new one is simply better. */
function groundOf(from: TunnelId | undefined, choice: Choice, evidence: Evidence): Reason {
  const { tunnel: to, because: why } = choice;
  const { cause, because } = evidence;
  if (from === undefined) {
    const sentence = `${to} carries traffic: ${why}`;
    return { ...evidence, cause: 'first-choice', silentForMs: 0, because: sentence };
  }
  const lost = !choice.candidates.some((each) => each.tunnel === from && each.eligible);
  if (to === undefined) return { ...evidence, because: `${from} is lost: ${because}; ${why}` };
  if (lost) {
    return { ...evidence, because: `${from} is lost: ${because}; ${to} takes over: ${why}` };
  }
  if (choice.rule === 'sla' || choice.rule === 'sla-gain') {
    const sentence = `${to} takes over from ${from}: ${why}`;
    return { ...evidence, cause: 'quality', silentForMs: 0, because: sentence };
  }
  if (cause === 'command') {
    return { ...evidence, because: `${to} takes over from ${from}: ${because}` };
  }
  const sentence = `traffic returns from ${from} to ${to}: ${why}`;
  return { ...evidence, cause: 'better', silentForMs: 0, because: sentence };
}
