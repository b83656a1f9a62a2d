/**
 * The short answer to "is this box well?": three truths, what carries traffic, what needs a look.
 */
import type { AgentSnapshot } from '../model/snapshot.ts';
import { since } from '../report/render-duration.ts';
import { counted } from '../report/render-sentences.ts';
import { attentionOf, healthOf, type Truth } from './health.ts';
import { type Block, type Cell, cell, line } from './text-table.ts';
import type { View } from './view.ts';

export function statusView(snapshot: AgentSnapshot): View {
  const health = healthOf(snapshot);
  const attention = attentionOf(snapshot);
  const { nowMs, agent, board, registration, desired, outbox, fastPath } = snapshot;
  const hello = board.hello;
  return {
    attention,
    json: {
      v: 1,
      nowMs,
      health,
      attention,
      agent,
      board: { state: board.state, sinceMs: board.sinceMs, ...(hello && { hello }) },
      registration,
      desired,
      outbox,
      active: fastPath.active ?? null,
      routes: fastPath.routes,
    },
    blocks: [
      { block: 'heading', text: hello ? `${hello.model} ${hello.serialNumber}` : 'Board unknown' },
      { block: 'table', rows: truthRows(health), none: '' },
      { block: 'heading', text: 'Device' },
      { block: 'table', rows: facts(snapshot), none: '' },
      ...attentionBlocks(attention),
    ],
  };
}

function truthRows(health: { readonly [Name in 'board' | 'control' | 'data']: Truth }): Cell[][] {
  const row = (name: string, { state, because }: Truth): Cell[] => [
    cell(name),
    cell(state, state === 'Normal' ? 'good' : 'bad'),
    cell(because),
  ];
  return [
    row('Board', health.board),
    row('Control channel', health.control),
    row('User traffic', health.data),
  ];
}

function facts({ nowMs, agent, board, desired, outbox, fastPath }: AgentSnapshot): Cell[][] {
  const { hello } = board;
  const { routes, active } = fastPath;
  const installed = routes.installed ? 'installed' : 'not installed';
  const rows: (readonly [string, string])[] = [
    ['Agent', `${agent.version}, running for ${since(agent.startedAtMs, nowMs)}`],
    ['CCN area', agent.area],
    ['CCN', desired.ccn ?? 'not bound'],
    ['Active tunnel', active ?? 'none'],
    [
      'Routes',
      `${counted(routes.prefixes.length, 'prefix', 'prefixes')} ${installed} in table ${routes.table}, via ${routes.via}`,
    ],
    [
      'Desired revision',
      `${desired.revision}, ${counted(desired.pendingSteps.length, 'step', 'steps')} left`,
    ],
    ['Events to send', String(outbox.pending)],
    ['Fast path', agent.fastPathScheduling],
  ];
  if (hello !== undefined) {
    rows.push(['Board firmware', `${hello.firmwareVersion}, hardware ${hello.hardwareRevision}`]);
  }
  return rows.map(([name, value]) => [cell(name), cell(value)]);
}

function attentionBlocks(attention: readonly string[]): readonly Block[] {
  if (attention.length === 0) return [line(''), line(cell('Nothing needs attention.', 'good'))];
  return [
    { block: 'heading', text: 'Needs attention' },
    ...attention.map((sentence) => line('  ', cell(sentence, 'warning'))),
  ];
}
