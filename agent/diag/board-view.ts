/**
 * The board and its sensors: who it is, its ports and lamps, and what it measures; with the host's temperatures.
 */
import type { SensorKind, Sensors } from '../../firmware-shim/wire/messages.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { frontPanelOf } from './front-panel.ts';
import { healthOf } from './health.ts';
import { cell } from './text-table.ts';
import type { View } from './view.ts';

const MILLI = 1_000;

export function boardView(snapshot: AgentSnapshot): View {
  const { board } = snapshot;
  const truth = healthOf(snapshot).board;
  const panel = frontPanelOf(snapshot);
  const { hello } = board;
  const facts: readonly (readonly [string, string])[] =
    hello === undefined
      ? []
      : [
          ['Model', hello.model],
          ['Serial number', hello.serialNumber],
          ['Hardware revision', hello.hardwareRevision],
          ['Firmware', hello.firmwareVersion],
          ['Can', hello.capabilities?.join(', ') ?? 'the first version of the protocol'],
        ];
  return {
    json: { v: 1, nowMs: snapshot.nowMs, ...board, panel },
    attention: truth.state === 'Normal' ? [] : [truth.because],
    blocks: [
      { block: 'heading', text: panel.title },
      {
        block: 'table',
        rows: [
          [cell('State'), cell(truth.state, truth.state === 'Normal' ? 'good' : 'bad')],
          [cell('Because'), cell(truth.because)],
          ...facts.map(([name, value]) => [cell(name), cell(value)]),
        ],
        none: '',
      },
      { block: 'heading', text: 'Ports' },
      {
        block: 'table',
        head: ['PORT', 'ROLE', 'CARRIER', 'SPEED', 'UPLINK'],
        rows: panel.ports.map(({ port, role, carrier, speedMbps, uplink, carriesTraffic }) => [
          cell(port),
          cell(role),
          cell(carrier, carrier === 'up' ? 'good' : 'plain'),
          cell(speedMbps === 0 ? '-' : `${speedMbps} Mbit/s`),
          cell(`${uplink ?? '-'}${carriesTraffic ? ', carries traffic' : ''}`),
        ]),
        none: 'the board has told no port',
      },
      { block: 'heading', text: 'Lamps' },
      {
        block: 'table',
        rows: panel.leds.map(({ led, mode, says }) => [cell(led), cell(mode), cell(says ?? '')]),
        none: 'the board has told no lamp',
      },
    ],
  };
}

export function sensorsView({ board, host, nowMs }: AgentSnapshot): View {
  const { readings } = board.reports.find(
    (report): report is Sensors => report.kind === 'sensors',
  ) ?? { readings: [] };
  const temperatures = host?.temperatures ?? [];
  const own = board.state === 'up' ? readings : [];
  return {
    json: { v: 1, nowMs, board: own, host: temperatures },
    attention: [],
    blocks: [
      { block: 'heading', text: 'Board' },
      {
        block: 'table',
        rows: own.map(({ sensor, index, value }) => [
          cell(`${sensor} ${index}`),
          cell(reading(sensor, value)),
        ]),
        none: board.state === 'up' ? 'the board measures nothing' : 'the board is silent',
      },
      { block: 'heading', text: 'Host' },
      {
        block: 'table',
        rows: temperatures.map(({ sensor, milliCelsius }) => [
          cell(sensor),
          cell(reading('temperature', milliCelsius)),
        ]),
        none: 'the host measures nothing',
      },
    ],
  };
}

function reading(sensor: SensorKind, value: number): string {
  switch (sensor) {
    case 'temperature':
      return `${(value / MILLI).toFixed(1)} °C`;
    case 'fan':
      return `${value} rpm`;
    case 'voltage':
      return `${(value / MILLI).toFixed(2)} V`;
  }
}
