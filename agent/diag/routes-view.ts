/**
 * Routes of both directions: where the prefixes behind the CCN lead and which are refused, and what of the branch is
 * published to the CCN and why. And the SAG events that were raised.
 */
import type { RouteDistribution } from '../model/branch-route.ts';
import type { AgentSnapshot, LanRouteSnapshot } from '../model/snapshot.ts';
import { since } from '../report/render-duration.ts';
import { counted } from '../report/render-sentences.ts';
import { type Cell, cell, line } from './text-table.ts';
import type { View } from './view.ts';

export function routesView({ fastPath, desired }: AgentSnapshot): View {
  const { routes, active, nowMs } = fastPath;
  const refused = routes.refused ?? [];
  const missing = routes.prefixes.length > 0 && !routes.installed;
  const local = (desired.routes ?? []).filter(({ sourceType }) => sourceType === 'local');
  const conflicting = local.filter(({ conflictCidrs }) => conflictCidrs.length > 0);
  return {
    json: {
      v: 1,
      nowMs,
      active: active ?? null,
      ...routes,
      published: desired.prefixes,
      distribution: desired.routes ?? [],
    },
    attention: [
      ...(missing ? ['the routes are not installed'] : []),
      ...refused.map(({ prefix }) => prefix),
      ...conflicting.map(({ cidr }) => cidr),
    ],
    blocks: [
      { block: 'heading', text: `From the cloud, in table ${routes.table}` },
      line(
        '  ',
        cell(routes.installed ? 'installed' : 'not installed', routes.installed ? 'good' : 'bad'),
        `, via ${routes.via || 'nothing'}`,
      ),
      {
        block: 'table',
        rows: [
          ...routes.prefixes.map((prefix) => [cell(prefix), cell(active ?? 'no tunnel')]),
          ...refused.map(({ prefix, because }) => [
            cell(prefix),
            cell(`refused: ${because}`, 'warning'),
          ]),
        ],
        none: 'no prefix is published to this branch',
      },
      { block: 'heading', text: 'Of the branch, to the cloud' },
      {
        block: 'table',
        rows: local.map((route) => localRow(route, routes.lan ?? [])),
        none: 'no document is in force, so nothing is published',
      },
    ],
  };
}

function localRow(
  { cidr, nextHop, state, published, because, conflictCidrs }: RouteDistribution,
  lan: readonly LanRouteSnapshot[],
): readonly Cell[] {
  const kept = lan.find((each) => each.cidr === cidr);
  const isMissing = kept !== undefined && !kept.installed;
  const conflicts =
    conflictCidrs.length === 0 ? '' : `; conflicts with ${conflictCidrs.join(', ')}`;
  const missing = isMissing ? `; not installed: ${kept.because ?? 'the kernel has it not'}` : '';
  return [
    cell(cidr),
    cell(nextHop === undefined ? 'LAN' : `via ${nextHop}`, isMissing ? 'bad' : 'plain'),
    cell(published, published === 'publish' ? 'good' : 'plain'),
    cell(state, state === 'revoked' ? 'warning' : 'plain'),
    cell(`${because}${conflicts}${missing}`, conflicts === '' ? 'dim' : 'warning'),
  ];
}

export function eventsView({ notes, outbox, nowMs }: AgentSnapshot, last: number): View {
  const raised = notes
    .flatMap(({ atMs, wallMs, note }) =>
      note.code === 'eventRaised' ? [{ atMs, wallMs, event: note.event, id: note.id }] : [],
    )
    .slice(-last);
  return {
    json: { v: 1, nowMs, outbox, events: raised },
    attention: outbox.dropped > 0 ? [`${outbox.dropped} were dropped`] : [],
    blocks: [
      { block: 'heading', text: 'Events' },
      {
        block: 'table',
        rows: raised.map(({ atMs, event, id }) => [
          cell(`${since(atMs, nowMs)} ago`, 'dim'),
          cell(event),
          cell(id, 'dim'),
        ]),
        none: 'no event since the agent started',
      },
      line(
        '  ',
        `${counted(outbox.pending, 'event waits', 'events wait')} for the gateway, ${outbox.dropped} dropped`,
      ),
    ],
  };
}
