/** What `state/reported` says, put together from those who know. */
import type { Reported } from '../access/payloads.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import type { Health } from '../report/reporter.ts';
import type { Progress } from './gateway-events.ts';

export interface ReportedParts {
  readonly progress: Progress;
  readonly health: Health;
  readonly endToEndState: Reported['endToEndState'];
  readonly outbox: AgentSnapshot['outbox'];
}

export function reportedOf({ progress, health, endToEndState, outbox }: ReportedParts): Reported {
  const { revision, refused, trial, safeMode, rules, dataStop } = progress;
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
    ...(dataStop !== undefined && { dataStop }),
  };
}
