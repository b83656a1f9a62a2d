/**
 * The short answer to "is this box well?": three truths, what carries traffic, what needs a look.
 */
import type { AgentSnapshot, HostSnapshot } from '../model/snapshot.ts';
import { since } from '../report/render-duration.ts';
import { counted } from '../report/render-sentences.ts';
import { attentionOf } from './attention.ts';
import { type Health, healthOf } from './health.ts';
import { nameBlocks } from './name-blocks.ts';
import { accessPointBlocks, endToEndRow, healthCheckBlocks } from './reach-blocks.ts';
import { type Block, type Cell, cell, line } from './text-table.ts';
import type { View } from './view.ts';

const PERCENT_DIGITS = 0;
const MILLI = 1_000;

export function statusView(snapshot: AgentSnapshot): View {
  const health = healthOf(snapshot);
  const attention = attentionOf(snapshot);
  const { nowMs, agent, board, host, enrolment, registration, desired, outbox, fastPath } =
    snapshot;
  const { endToEnd, healthChecks, gatewayNames } = snapshot;
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
      ...(host && { host }),
      ...(enrolment && { enrolment }),
      registration,
      ...(gatewayNames && { gatewayNames }),
      endToEnd,
      healthChecks,
      desired,
      outbox,
      active: fastPath.active ?? null,
      routes: fastPath.routes,
    },
    blocks: [
      { block: 'heading', text: hello ? `${hello.model} ${hello.serialNumber}` : 'Board unknown' },
      { block: 'table', rows: [...truthRows(health), endToEndRow(endToEnd)], none: '' },
      { block: 'heading', text: 'Device' },
      { block: 'table', rows: facts(snapshot), none: '' },
      ...accessPointBlocks(snapshot),
      ...nameBlocks(gatewayNames),
      ...healthCheckBlocks(healthChecks),
      ...attentionBlocks(attention),
    ],
  };
}

function truthRows(health: Health): Cell[][] {
  const row = (name: string, { state, because }: Health['board']): Cell[] => [
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

function facts({ nowMs, agent, board, host, desired, outbox, fastPath }: AgentSnapshot): Cell[][] {
  const { hello } = board;
  const { routes, active } = fastPath;
  const installed = routes.installed ? 'installed' : 'not installed';
  const rows: (readonly [string, string])[] = [
    ['Agent', `${agent.version}, running for ${since(agent.startedAtMs, nowMs)}`],
    ['CCN area', agent.area],
    ['CCN', desired.ccn ?? 'not bound'],
    ...(desired.ha === undefined
      ? []
      : [['HA', `${desired.ha.type}, ${desired.ha.role}`] as const]),
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
  rows.push(...hostFacts(host));
  return rows.map(([name, value]) => [cell(name), cell(value)]);
}

/** Only what is known: a row that is missing was not measured, and is not zero. */
function hostFacts(host: HostSnapshot | undefined): (readonly [string, string])[] {
  if (host === undefined) return [];
  const { metrics, temperatures } = host;
  const loads = [
    ['CPU', metrics.SagCpuUtilization],
    ['Memory', metrics.SagMemoryUtilization],
    ['Disk', metrics.SagDiskUtilization],
  ] as const;
  const rows: (readonly [string, string])[] = loads.flatMap(([name, percent]) =>
    percent === undefined ? [] : [[name, `${percent.toFixed(PERCENT_DIGITS)} %`] as const],
  );
  const [hottest] = temperatures.toSorted((a, b) => b.milliCelsius - a.milliCelsius);
  if (hottest !== undefined) {
    const celsius = (hottest.milliCelsius / MILLI).toFixed(1);
    rows.push(['Temperature', `${celsius} °C at ${hottest.sensor}, the hottest`]);
  }
  return rows;
}

function attentionBlocks(attention: readonly string[]): readonly Block[] {
  if (attention.length === 0) return [line(''), line(cell('Nothing needs attention.', 'good'))];
  return [
    { block: 'heading', text: 'Needs attention' },
    ...attention.map((sentence) => line('  ', cell(sentence, 'warning'))),
  ];
}
