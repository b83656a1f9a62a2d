/** How each wired uplink gets its address, and what of it is on trial. */
import type { AgentSnapshot } from '../model/snapshot.ts';
import type { WanSnapshot, WanUplinkSnapshot } from '../model/wan.ts';
import { type Block, type Cell, cell, line } from './text-table.ts';
import type { View } from './view.ts';

const SECOND_MS = 1_000;
const NO_UPLINKS: WanSnapshot = { uplinks: [] };

export function wanView({ wan = NO_UPLINKS, nowMs }: AgentSnapshot): View {
  const { uplinks, trial, last } = wan;
  return {
    json: { v: 1, nowMs, ...wan },
    attention: uplinks.flatMap(({ uplink, trouble }) => (trouble === undefined ? [] : [uplink])),
    blocks: [
      { block: 'heading', text: 'WAN set-up' },
      {
        block: 'table',
        head: ['UPLINK', 'BY', 'ADDRESS', 'GATEWAY', 'NAME SERVERS', 'USER', 'TROUBLE'],
        rows: uplinks.map(row),
        none: 'this box has no wired uplink',
      },
      ...(trial === undefined ? [] : [trialLine(trial, nowMs)]),
      ...(last === undefined ? [] : [lastLine(last)]),
    ],
  };
}

function row(each: WanUplinkSnapshot): readonly Cell[] {
  const { uplink, ipType, address = '-', gateway = '-', nameServers = [], user, trouble } = each;
  return [
    cell(uplink, 'strong'),
    cell(ipType === 'AS_FOUND' ? 'the system' : ipType),
    cell(address),
    cell(gateway),
    cell(nameServers.join(' ') || '-'),
    cell(user ?? '-'),
    trouble === undefined ? cell('-') : cell(trouble, 'bad'),
  ];
}

function trialLine(
  { uplink, untilMs, lacks }: NonNullable<WanSnapshot['trial']>,
  nowMs: number,
): Block {
  const leftS = Math.max(0, Math.ceil((untilMs - nowMs) / SECOND_MS));
  return line(cell(uplink, 'strong'), ` is on trial and undone in ${leftS} s: ${lacks}.`);
}

function lastLine({ uplink, ok, because }: NonNullable<WanSnapshot['last']>): Block {
  const came = ok ? cell('was kept', 'good') : cell('has again what it had', 'warning');
  return line(cell(uplink, 'strong'), ' ', came, `: ${because}.`);
}
