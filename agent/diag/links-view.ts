/**
 * The uplinks: what board and kernel say of each, and the verdict; and the access points they lead to.
 */
import type { AgentSnapshot } from '../model/snapshot.ts';
import { NEVER_FORWARDS } from '../model/uplink.ts';
import { since } from '../report/render-duration.ts';
import { downReason } from '../report/render-uplink-note.ts';
import { boardTexts, carrierOf, lteOf } from './board-words.ts';
import { probesBlocks } from './probes-block.ts';
import { accessPointBlocks } from './reach-blocks.ts';
import { type Cell, cell } from './text-table.ts';
import type { View } from './view.ts';

type UplinkRow = AgentSnapshot['fastPath']['uplinks'][number];

export function linksView(snapshot: AgentSnapshot): View {
  const { fastPath, board } = snapshot;
  const { accessPoints = [] } = snapshot.registration;
  const links = fastPath.uplinks.map((uplink) => {
    const { verdict, ...rest } = uplink;
    const carrier = carrierOf(uplink, board.reports);
    const signal = uplink.kind === 'lte' ? lteOf(board.reports) : undefined;
    const probes = snapshot.desired.probes?.find((each) => each.uplink === uplink.id);
    const words = {
      ...(carrier && { carrier }),
      ...(signal && { signal }),
      ...(probes && { probes }),
    };
    return { ...rest, verdict, ...words };
  });
  return {
    json: { v: 1, nowMs: fastPath.nowMs, boardState: board.state, links, accessPoints },
    attention: fastPath.uplinks.flatMap(({ id, use, priority, verdict }) =>
      verdict.state === 'down' && use === 'data' && priority !== NEVER_FORWARDS ? [id] : [],
    ),
    blocks: [
      { block: 'heading', text: 'Uplinks' },
      {
        block: 'table',
        head: ['UPLINK', 'KIND', 'PORT', 'DEVICE', 'STATE', 'FOR', 'BECAUSE', 'BOARD', 'PRIORITY'],
        rows: fastPath.uplinks.map((uplink) => row(uplink, snapshot)),
        none: 'no uplink is planned yet',
      },
      ...probesBlocks(snapshot),
      ...accessPointBlocks(snapshot),
    ],
  };
}

function row(uplink: UplinkRow, { fastPath, board }: AgentSnapshot): readonly Cell[] {
  const { id, kind, port, deviceName, verdict } = uplink;
  const up = verdict.state === 'up';
  return [
    cell(id),
    cell(kind),
    cell(port ?? '-'),
    cell(deviceName),
    cell(verdict.state, up ? 'good' : 'bad'),
    cell(since(verdict.sinceMs, fastPath.nowMs)),
    cell(up ? `address ${verdict.address}` : downReason(verdict.reason)),
    cell(boardTexts(uplink, board.reports).en, board.state === 'up' ? 'plain' : 'dim'),
    cell(priorityWords(uplink)),
  ];
}

function priorityWords({ priority, use }: UplinkRow): string {
  if (use === 'management-only') return 'management only';
  return priority === NEVER_FORWARDS ? 'never forwards' : String(priority);
}
