/** What `state/reported` says, put together from those who know. */
import type { LinkReport, Reported } from '../access/payloads.ts';
import type { HealthStatuses } from '../model/health-check.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import type { Health, Report } from '../report/reporter.ts';
import { NO_PROGRESS, type Progress } from './gateway-events.ts';

/** What others say and the gateway side only keeps. */
export interface ReportedWords {
  readonly progress: Progress;
  readonly endToEndState: Reported['endToEndState'];
  readonly healthChecks: HealthStatuses;
}

export const NOTHING_SAID: ReportedWords = {
  progress: NO_PROGRESS,
  endToEndState: 'Unknown',
  healthChecks: {},
};

export interface ReportedParts extends ReportedWords {
  readonly health: Health;
  readonly outbox: AgentSnapshot['outbox'];
}

export function reportedOf(parts: ReportedParts): Reported {
  const { progress, health, endToEndState, healthChecks, outbox } = parts;
  const { revision, refused, trial, safeMode, rules, identities, dataStop } = progress;
  return {
    v: 1,
    revision,
    ...health,
    ...(outbox.dropped > 0 && { losses: outbox.losses }),
    endToEndState,
    ...(refused !== undefined && { refused }),
    ...(trial !== undefined && { trial }),
    ...(safeMode !== undefined && { safeMode }),
    ...(rules !== undefined && { rules }),
    ...(identities !== undefined && { identities }),
    ...(dataStop !== undefined && { dataStop }),
    ...(Object.keys(healthChecks).length > 0 && { healthChecks }),
  };
}

/** What is retained of one uplink. */
export function linkReportOf(
  { uplink, verdict }: Extract<Report, { readonly type: 'linkChanged' }>,
  wallMs: number,
): LinkReport {
  return { v: 1, uplink, verdict, wallMs };
}
