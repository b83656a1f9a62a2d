/**
 * One frame of the live view, as lines: everything shown comes from the agent's own snapshot, the board
 * simulator's LEDs and the pings; nothing is made up in between.
 */
import { styleText } from 'node:util';
import type { AgentSnapshot, TunnelSnapshot } from '../../agent/model/snapshot.ts';
import type { Uplink, UplinkVerdict } from '../../agent/model/uplink.ts';
import type { BoardReport } from '../../firmware-shim/wire/messages.ts';
import type { PingTotals } from './ping-record.ts';

export interface ViewState {
  /** Undefined until the agent answers for the first time. */
  readonly snapshot?: AgentSnapshot;
  readonly leds: Readonly<Record<string, string>>;
  readonly ping: PingTotals & { readonly rttMs?: number };
  /** Faults somebody switched on, as words. */
  readonly faults: readonly string[];
  readonly stored: readonly string[];
  readonly pageUrl?: string;
  /** What happened last at the keyboard. */
  readonly message: string;
}

const KEYS =
  '1/2 cable of wan1/wan2 · b black hole on the active path · r MCU reboot · g garbage · q quit';
/** As many as fit a small terminal. */
const EVENTS_SHOWN = 6;

export function renderFrame(state: ViewState): readonly string[] {
  const { snapshot } = state;
  const lines = [styleText('bold', 'Smart Access Gateway · Hangzhou branch → Shanghai VPC'), ''];
  if (snapshot === undefined) lines.push('the agent is starting …');
  else
    lines.push(
      ...boardLines(snapshot, state.leds),
      registrationLine(snapshot),
      '',
      ...snapshot.fastPath.uplinks.map(uplinkLine),
      '',
      ...snapshot.fastPath.tunnels.map((tunnel) =>
        tunnelLine(tunnel, tunnel.id === snapshot.fastPath.active),
      ),
      '',
      ...changeLines(snapshot),
    );
  const { sent, lost, rttMs } = state.ping;
  const rtt = rttMs === undefined ? '' : `, round trip ${rttMs.toFixed(2)} ms`;
  lines.push(
    '',
    label('packets', `LAN host → VPC host: ${sent} sent, ${lost} lost${rtt}`),
    label('stored', state.stored.slice(-EVENTS_SHOWN).join(' ') || 'nothing yet'),
    label('faults', state.faults.join(', ') || 'none'),
    ...(state.pageUrl === undefined ? [] : [label('page', state.pageUrl)]),
    '',
    styleText('dim', KEYS),
    state.message,
  );
  return lines;
}

function boardLines(
  snapshot: AgentSnapshot,
  leds: Readonly<Record<string, string>>,
): readonly string[] {
  const { board } = snapshot;
  if (board.state === 'lost' || board.hello === undefined)
    return [label('board', styleText('red', 'lost'))];
  const { hello } = board;
  const ports = hello.ports.map(({ port, role }) => {
    const up = board.reports.some((report) => carries(report, port));
    return styleText(up ? 'green' : 'dim', `${port}:${role}${up ? '' : '✕'}`);
  });
  const lit = Object.entries(leds).map(([led, mode]) =>
    styleText(mode === 'off' ? 'dim' : 'green', mode === 'blink' ? `${led}~` : led),
  );
  return [
    label('board', `${hello.model} ${hello.serialNumber} firmware ${hello.firmwareVersion}`),
    label('ports', ports.join(' ')),
    label('LEDs', lit.join(' ') || 'none set'),
  ];
}

function carries(report: BoardReport, port: number): boolean {
  return report.kind === 'portCarrier' && report.port === port && report.carrier;
}

function registrationLine({ registration }: AgentSnapshot): string {
  const { state, gateway = '', area = '', overUplink = '', lastError } = registration;
  if (state === 'registered')
    return label(
      'registered',
      `${styleText('green', gateway)} (${area})${overUplink === '' ? '' : ` over ${overUplink}`}`,
    );
  return label('registered', `${styleText('yellow', state)} ${lastError?.text ?? ''}`);
}

function uplinkLine(uplink: Uplink & { readonly verdict: UplinkVerdict }): string {
  const { verdict } = uplink;
  const word =
    verdict.state === 'up'
      ? `${styleText('green', 'up')}   ${verdict.address}`
      : `${styleText('red', 'down')} ${verdict.reason}`;
  return label(uplink.id, word);
}

function tunnelLine(tunnel: TunnelSnapshot, active: boolean): string {
  const state = tunnel.state === 'up' ? styleText('green', 'up') : styleText('red', tunnel.state);
  const { detectMs, rxPackets, txPackets } = tunnel.session;
  const mark = active ? styleText('green', '▶') : ' ';
  return `${mark} ${tunnel.id.padEnd(24)} ${state}  ${tunnel.uplink} → ${tunnel.gateway}  BFD ${detectMs} ms  in ${rxPackets} out ${txPackets}`;
}

function changeLines(snapshot: AgentSnapshot): readonly string[] {
  const { fastPath } = snapshot;
  const change = fastPath.changes.at(-1);
  const why = label('choice', fastPath.choice.because);
  if (change === undefined) return [why];
  const agoS = ((snapshot.nowMs - change.detectedAtMs) / 1000).toFixed(0);
  return [
    why,
    label('last change', `${agoS} s ago, ${change.cause}: ${change.because}`),
    label(
      '',
      `silent for ${change.silentForMs.toFixed(1)} ms, decided in ${change.decideMs.toFixed(2)} ms,` +
        ` installed in ${change.installMs.toFixed(2)} ms`,
    ),
  ];
}

function label(name: string, text: string): string {
  return `${name.padEnd(12)} ${text}`;
}
