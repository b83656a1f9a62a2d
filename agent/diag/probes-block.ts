/**
 * What liveness costs on each uplink and what it buys: how soon a silent black hole is noticed.
 */
import type { UplinkProbes } from '../model/probe-budget.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { type Block, cell } from './text-table.ts';

/** Nothing where no tunnel is wanted. */
export function probesBlocks({ desired }: AgentSnapshot): readonly Block[] {
  const { probes = [] } = desired;
  if (probes.length === 0) return [];
  return [
    { block: 'heading', text: 'Probes' },
    {
      block: 'table',
      rows: probes.map(({ uplink, sentence, held }) => [
        cell(uplink),
        cell(sentence, held ? 'plain' : 'bad'),
      ]),
      none: '',
    },
  ];
}

/** Of one uplink. */
export function probesOf({ desired }: AgentSnapshot, uplink: string): UplinkProbes | undefined {
  return desired.probes?.find((each) => each.uplink === uplink);
}
