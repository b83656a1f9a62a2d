/**
 * What is reached and how well, for people at a terminal: the far side, the access points, the hosts that are checked.
 */
import type { HealthCheckSnapshot, HealthStatus } from '../model/health-check.ts';
import type { AgentSnapshot, EndToEndSnapshot } from '../model/snapshot.ts';
import { type Block, type Cell, cell, type Tone } from './text-table.ts';

const MS_DIGITS = 1;

export function endToEndRow(endToEnd: EndToEndSnapshot | undefined): readonly Cell[] {
  const { state, because } = endToEndWords(endToEnd);
  const tones = { Normal: 'good', Abnormal: 'bad', Unknown: 'plain' } as const;
  return [cell('End to end'), cell(state, tones[state]), cell(because)];
}

/** A clause without a full stop. */
export function endToEndWords(endToEnd: EndToEndSnapshot | undefined): {
  readonly state: EndToEndSnapshot['state'];
  readonly because: string;
} {
  const { state = 'Unknown', target, rttMs, because } = endToEnd ?? {};
  if (target === undefined) return { state, because: 'the desired document names no target' };
  if (because !== undefined) return { state, because: `${target}: ${because}` };
  const answer = rttMs === undefined ? 'is being asked' : `answers in ${ms(rttMs)}`;
  return { state, because: `${target} ${answer}` };
}

/** The one in use first, whatever is nearer, with the figures of the last measurement; nothing while none is known. */
export function accessPointBlocks({ registration }: AgentSnapshot): readonly Block[] {
  const { accessPoints = [], gateway, state } = registration;
  if (accessPoints.length === 0) return [];
  const current = state === 'registered' ? gateway : undefined;
  const ordered = accessPoints.toSorted(
    (a, b) => Number(b.id === current) - Number(a.id === current),
  );
  return [
    { block: 'heading', text: 'Access points' },
    {
      block: 'table',
      head: ['ACCESS POINT', 'ROLE', 'RTT', 'LOSS'],
      rows: ordered.map(({ id, role, rttMs, lossPercent }) => [
        cell(id),
        id === current ? cell('current', 'good') : cell(role),
        cell(rttMs === undefined ? '-' : ms(rttMs)),
        lossCell(lossPercent),
      ]),
      none: '',
    },
  ];
}

const TONES: Readonly<Record<HealthStatus, Tone>> = {
  success: 'good',
  failed: 'bad',
  unknown: 'dim',
};

/** Nothing at all where the document has no check. */
export function healthCheckBlocks(checks: readonly HealthCheckSnapshot[] = []): readonly Block[] {
  if (checks.length === 0) return [];
  return [
    { block: 'heading', text: 'Health checks' },
    {
      block: 'table',
      head: ['CHECK', 'DESTINATION', 'VIA', 'STATUS', 'RTT', 'LOSS', 'BECAUSE'],
      rows: checks.map(({ id, destination, via, status, round }) => [
        cell(id),
        cell(destination),
        cell(via ?? 'routes'),
        cell(status, TONES[status]),
        cell(round?.rttMs === undefined ? '-' : ms(round.rttMs)),
        lossCell(round?.lossPercent),
        cell(round?.because ?? '-'),
      ]),
      none: '',
    },
  ];
}

function lossCell(lossPercent: number | undefined): Cell {
  if (lossPercent === undefined) return cell('-', 'dim');
  return cell(`${lossPercent.toFixed(0)} %`, lossPercent > 0 ? 'warning' : 'plain');
}

function ms(value: number): string {
  return `${value.toFixed(MS_DIGITS)} ms`;
}
