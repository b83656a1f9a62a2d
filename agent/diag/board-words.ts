/**
 * What the board said last about an uplink's port or modem, in English and Chinese.
 */
import type { BoardReport, LteSignal, PortCarrier } from '../../firmware-shim/wire/messages.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { type Text, text } from './check/finding.ts';

type UplinkRow = AgentSnapshot['fastPath']['uplinks'][number];

export function boardTexts(uplink: UplinkRow, reports: readonly BoardReport[]): Text {
  if (uplink.kind === 'lte') return modemTexts(lteOf(reports));
  const carrier = carrierOf(uplink, reports);
  if (carrier === undefined) return text('-', '-');
  if (!carrier.carrier) return text('no cable', '未接网线');
  const rate = `${carrier.speedMbps} Mbit/s ${carrier.duplex}`;
  return text(`cable, ${rate}`, `网线已连接，${rate}`);
}

function modemTexts(signal: LteSignal | undefined): Text {
  if (signal === undefined) return text('-', '-');
  const dBm = signal.dBm === undefined ? '' : ` ${signal.dBm} dBm`;
  const level = `${signal.strength}${dBm}`;
  return signal.registered
    ? text(`registered, ${level}`, `已注册，${level}`)
    : text(`not registered, ${level}`, `未注册，${level}`);
}

export function carrierOf(
  { port }: UplinkRow,
  reports: readonly BoardReport[],
): PortCarrier | undefined {
  return reports.find(
    (report): report is PortCarrier => report.kind === 'portCarrier' && report.port === port,
  );
}

export function lteOf(reports: readonly BoardReport[]): LteSignal | undefined {
  return reports.find((report): report is LteSignal => report.kind === 'lteSignal');
}
