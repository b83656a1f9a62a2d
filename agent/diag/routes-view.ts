/**
 * The prefixes behind the CCN: where they lead, and which are refused and why. And the SAG events that were raised.
 */
import type { AgentSnapshot } from '../model/snapshot.ts';
import { since } from '../report/render-duration.ts';
import { counted } from '../report/render-sentences.ts';
import { cell, line } from './text-table.ts';
import type { View } from './view.ts';

export function routesView({ fastPath, desired }: AgentSnapshot): View {
  const { routes, active, nowMs } = fastPath;
  const refused = routes.refused ?? [];
  const missing = routes.prefixes.length > 0 && !routes.installed;
  return {
    json: { v: 1, nowMs, active: active ?? null, ...routes, published: desired.prefixes },
    attention: [
      ...(missing ? ['the routes are not installed'] : []),
      ...refused.map(({ prefix }) => prefix),
    ],
    blocks: [
      { block: 'heading', text: `Routes in table ${routes.table}` },
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
    ],
  };
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
