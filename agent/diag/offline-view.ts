/**
 * A box whose agent is dead: its devices, the tunnels and routes it left standing, and what was desired last.
 */
import { ROUTE_PROTOCOL } from '../../firmware-shim/kernel/types.ts';
import type { Uplink } from '../model/uplink.ts';
import { counted } from '../report/render-sentences.ts';
import type { KernelFacts, StoredFacts } from './check/facts.ts';
import { type Block, type Cell, cell, line } from './text-table.ts';
import type { View } from './view.ts';

export interface OfflineFacts {
  readonly uplinks: readonly Uplink[];
  readonly configProblem?: string;
  readonly stored?: StoredFacts;
  readonly kernel?: KernelFacts;
}

export function offlineView({ uplinks, configProblem, stored, kernel }: OfflineFacts): View {
  const ours = kernel?.routes.filter(({ protocol }) => protocol === ROUTE_PROTOCOL) ?? [];
  const links = uplinks.map(({ id, deviceName }) => ({ id, ...deviceOf(deviceName, kernel) }));
  const tunnels = (stored?.tunnels ?? []).map(({ id, deviceName }) => ({
    id,
    ...deviceOf(deviceName, kernel),
  }));
  const problems = [
    'The agent was not asked.',
    ...(configProblem === undefined ? [] : [`Configuration: ${configProblem}`]),
    ...(stored === undefined ? ['The state directory could not be read.'] : []),
    ...(kernel === undefined ? ['The kernel could not be asked.'] : []),
  ];
  return {
    json: {
      v: 1,
      offline: true,
      problems,
      links,
      tunnels,
      routes: ours,
      ...(stored && { desired: stored }),
    },
    attention: problems,
    blocks: [
      { block: 'heading', text: 'Without the agent' },
      ...problems.map((problem): Block => line('  ', cell(problem, 'warning'))),
      ...devices('Uplinks', links, 'no uplink is known'),
      ...devices('Tunnels left standing', tunnels, 'no tunnel is known'),
      { block: 'heading', text: 'Desired last' },
      {
        block: 'table',
        rows: (stored === undefined ? [] : storedRows(stored, ours.length)).map(([name, value]) => [
          cell(name),
          cell(value),
        ]),
        none: 'nothing is known',
      },
    ],
  };
}

interface Device {
  readonly deviceName: string;
  readonly state: 'missing' | 'up' | 'no carrier' | 'off';
  readonly addresses: readonly string[];
}

function deviceOf(deviceName: string, kernel: KernelFacts | undefined): Device {
  const link = kernel?.links.find(({ name }) => name === deviceName);
  if (link === undefined) return { deviceName, state: 'missing', addresses: [] };
  const addresses = (kernel?.addresses ?? []).flatMap(({ deviceIndex, address, prefixLength }) =>
    deviceIndex === link.index ? [`${address}/${prefixLength}`] : [],
  );
  const state = link.adminUp ? (link.carrier ? 'up' : 'no carrier') : 'off';
  return { deviceName, state, addresses };
}

function devices(
  heading: string,
  shown: readonly (Device & { readonly id: string })[],
  none: string,
): readonly Block[] {
  const row = ({ id, deviceName, state, addresses }: Device & { readonly id: string }): Cell[] => [
    cell(id),
    cell(deviceName),
    cell(state, state === 'up' ? 'good' : 'bad'),
    cell(addresses.join(', ')),
  ];
  return [
    { block: 'heading', text: heading },
    { block: 'table', rows: shown.map(row), none },
  ];
}

function storedRows(
  { revision, ccn, prefixes, eventsWaiting }: StoredFacts,
  installed: number,
): readonly (readonly [string, string])[] {
  return [
    ['Revision', String(revision)],
    ['CCN', ccn ?? 'not bound'],
    [
      'Routes',
      `${installed} installed, ${counted(prefixes.length, 'prefix', 'prefixes')} published`,
    ],
    ['Events to send', String(eventsWaiting)],
  ];
}
