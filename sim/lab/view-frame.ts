/**
 * One frame of the live view: everything shown comes from the agent's own snapshot, the board simulator's
 * LEDs and the pings; nothing is made up in between.
 */
import { linksView } from '../../agent/diag/links-view.ts';
import { type Block, type Cell, cell, line } from '../../agent/diag/text-table.ts';
import { tunnelsView } from '../../agent/diag/tunnels-view.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import { changeSentence } from '../../agent/report/render-tunnel-note.ts';
import type { BoardReport } from '../../firmware-shim/wire/messages.ts';
import type { PingTotals } from './ping-record.ts';

export interface ViewState {
  /** Undefined until the agent answers for the first time. */
  readonly snapshot?: AgentSnapshot;
  readonly leds: Readonly<Record<string, string>>;
  readonly ping: PingTotals & { readonly rttMs?: number };
  /** Faults somebody switched on, as words. */
  readonly faults: readonly string[];
  /** Names of the events the gateway has stored. */
  readonly stored: readonly string[];
  readonly pageUrl?: string;
  /** What happened last at the keyboard. */
  readonly message: string;
}

const KEYS =
  '1 2 cable of wan1, wan2 · b black hole on the active path · s switch by command · r MCU reboot · g garbage · q quit';
/** As many as fit one line of a small terminal. */
const EVENTS_SHOWN = 4;

export function viewFrame(state: ViewState): readonly Block[] {
  const { snapshot } = state;
  return [
    { block: 'heading', text: 'Smart Access Gateway · Hangzhou branch to Shanghai VPC' },
    ...(snapshot === undefined
      ? [line('The agent is starting.')]
      : agentBlocks(snapshot, state.leds)),
    { block: 'heading', text: 'Traffic' },
    { block: 'table', rows: trafficRows(state), none: '' },
    line(''),
    line(cell(KEYS, 'dim')),
    line(state.message),
  ];
}

function agentBlocks(
  snapshot: AgentSnapshot,
  leds: Readonly<Record<string, string>>,
): readonly Block[] {
  return [
    {
      block: 'table',
      rows: [...boardRows(snapshot, leds), registrationRow(snapshot)],
      none: '',
    },
    ...linksView(snapshot).blocks,
    ...tunnelsView(snapshot).blocks,
    { block: 'heading', text: 'Why' },
    line('  ', snapshot.fastPath.choice.because),
    ...snapshot.fastPath.changes
      .slice(-2)
      .toReversed()
      .map((change) => line('  ', changeSentence(change))),
  ];
}

function boardRows(
  { board }: AgentSnapshot,
  leds: Readonly<Record<string, string>>,
): readonly (readonly Cell[])[] {
  const { hello } = board;
  if (board.state === 'lost' || hello === undefined) return [[cell('Board'), cell('lost', 'bad')]];
  const ports = hello.ports.map(({ port, role }) => {
    const up = board.reports.some((report) => carries(report, port));
    return `${port} ${role} ${up ? 'up' : 'no cable'}`;
  });
  const lit = Object.entries(leds).filter(([, mode]) => mode !== 'off');
  return [
    [cell('Board'), cell(`${hello.model} ${hello.serialNumber}, ${hello.firmwareVersion}`, 'good')],
    [cell('Ports'), cell(ports.join(' · '))],
    [cell('LEDs'), cell(lit.map(([led, mode]) => `${led} ${mode}`).join(' · ') || 'all off')],
  ];
}

function carries(report: BoardReport, port: number): boolean {
  return report.kind === 'portCarrier' && report.port === port && report.carrier;
}

function registrationRow({ registration }: AgentSnapshot): readonly Cell[] {
  const { state, gateway = '', area = '', overUplink, lastError } = registration;
  const name = cell('Registration');
  if (state !== 'registered') return [name, cell(`${state} ${lastError?.text ?? ''}`, 'warning')];
  const over = overUplink === undefined ? '' : ` over ${overUplink}`;
  return [name, cell(`${gateway}, CCN area ${area}${over}`, 'good')];
}

function trafficRows(state: ViewState): readonly (readonly Cell[])[] {
  const { sent, lost, rttMs } = state.ping;
  const rtt = rttMs === undefined ? '' : `, round trip ${rttMs.toFixed(2)} ms`;
  const stored = state.stored.slice(-EVENTS_SHOWN).join(' · ');
  return [
    [cell('LAN to VPC'), cell(`${sent} sent, ${lost} lost${rtt}`)],
    [cell('Stored by gateway'), cell(stored === '' ? 'nothing yet' : stored)],
    [
      cell('Faults'),
      cell(state.faults.join(', ') || 'none', state.faults.length > 0 ? 'warning' : 'plain'),
    ],
    ...(state.pageUrl === undefined ? [] : [[cell('Live page'), cell(state.pageUrl, 'strong')]]),
  ];
}
