/**
 * The two boards of the family as data: front panel, LEDs and sensors of a SAG-1000 and a SAG-100WM.
 *
 * On the SAG-1000 ports 1 and 2 are combo ports, port 2 is for management and port 5 is the factory WAN port
 * (SAG API, ModifySagPortRole).
 */
import type {
  BoardModel as BoardModelName,
  Capability,
  Led,
  PortDescription,
  SensorReading,
} from '../../../firmware-shim/wire/messages.ts';

export interface BoardType {
  readonly model: BoardModelName;
  readonly hardwareRevision: string;
  readonly firmwareVersion: string;
  readonly ports: readonly PortDescription[];
  readonly leds: readonly Led[];
  /** No firmware older than this is taken. */
  readonly minimumVersion: string;
  readonly capabilities: readonly Capability[];
  /** At rest, in a cool room. */
  readonly sensors: readonly SensorReading[];
}

const ALL_CAPABILITIES: readonly Capability[] = [
  'findMe',
  'resetLock',
  'watchdog',
  'clock',
  'firmwareQuery',
  'firmwareUpdate',
  'startReport',
  'identityProof',
];

const SAG_1000: BoardType = {
  model: 'sag-1000',
  hardwareRevision: 'A3',
  firmwareVersion: '2.7.1',
  minimumVersion: '2.5.0',
  capabilities: ALL_CAPABILITIES,
  ports: [
    { port: 1, role: 'LAN', copper: false },
    { port: 2, role: 'MGT', copper: false },
    { port: 3, role: 'NONE', copper: true },
    { port: 4, role: 'NONE', copper: true },
    { port: 5, role: 'WAN', copper: true },
    { port: 6, role: 'WAN', copper: true },
  ],
  leds: ['PWR', 'SYS', 'CLOUD', 'LTE', 'ALARM'],
  sensors: [
    { sensor: 'temperature', index: 0, value: 41_500 },
    { sensor: 'temperature', index: 1, value: 38_250 },
    { sensor: 'fan', index: 0, value: 4_200 },
    { sensor: 'voltage', index: 0, value: 12_050 },
  ],
};

const SAG_100WM: BoardType = {
  model: 'sag-100wm',
  hardwareRevision: 'B1',
  firmwareVersion: '2.0.4',
  minimumVersion: '2.0.0',
  capabilities: ALL_CAPABILITIES,
  ports: [
    { port: 1, role: 'WAN', copper: true },
    { port: 2, role: 'LAN', copper: true },
    { port: 3, role: 'LAN', copper: true },
    { port: 4, role: 'LAN', copper: true },
  ],
  leds: ['PWR', 'SYS', 'CLOUD', 'LTE', 'WAN', 'WIFI'],
  sensors: [
    { sensor: 'temperature', index: 0, value: 36_000 },
    { sensor: 'voltage', index: 0, value: 11_980 },
  ],
};

export const BOARD_TYPES: Readonly<Record<BoardModelName, BoardType>> = {
  'sag-1000': SAG_1000,
  'sag-100wm': SAG_100WM,
};
