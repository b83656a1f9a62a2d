/**
 * What the board and the host say to each other, as types. The bytes are in `message-codec.ts` and, with
 * worked examples, in `docs/PROTOCOL.md`.
 *
 * Port roles, LTE buckets and model names are those of the SAG API (DescribeSagPortList, DescribeSagWan4G,
 * DescribeSmartAccessGateways).
 */
export type PortRole = 'NONE' | 'WAN' | 'LAN' | 'ECC' | 'MGT';
export type BoardModel = 'sag-1000' | 'sag-100wm';
export type Duplex = 'full' | 'half' | 'unknown';
export type LteStrength = 'High' | 'Middle' | 'Low' | 'Unavailable';
export type Led = 'PWR' | 'SYS' | 'CLOUD' | 'LTE' | 'WAN' | 'WIFI' | 'ALARM';
export type LedMode = 'off' | 'on' | 'blink';
export type Button = 'RESET';
export type SensorKind = 'temperature' | 'fan' | 'voltage';

export interface PortDescription {
  /** As printed on the front panel, from 1. */
  readonly port: number;
  readonly role: PortRole;
  readonly copper: boolean;
}

/** What the board says of itself after each of its starts and whenever asked. */
export interface Hello {
  readonly protocolVersion: number;
  /** Changes with every start of the MCU. */
  readonly bootEpoch: number;
  readonly model: BoardModel;
  readonly hardwareRevision: string;
  readonly serialNumber: string;
  readonly firmwareVersion: string;
  readonly ports: readonly PortDescription[];
}

export interface PortCarrier {
  readonly kind: 'portCarrier';
  readonly port: number;
  readonly carrier: boolean;
  readonly speedMbps: number;
  readonly duplex: Duplex;
}

export interface LteSignal {
  readonly kind: 'lteSignal';
  readonly present: boolean;
  readonly simReady: boolean;
  readonly registered: boolean;
  /** RSSI in dBm, -150 to 0; absent when there is no reading. */
  readonly dBm?: number;
  readonly strength: LteStrength;
}

export interface SensorReading {
  readonly sensor: SensorKind;
  readonly index: number;
  /** Millidegrees Celsius, revolutions a minute, or millivolts. */
  readonly value: number;
}

export interface Sensors {
  readonly kind: 'sensors';
  readonly readings: readonly SensorReading[];
}

export interface ButtonEvent {
  readonly kind: 'button';
  readonly button: Button;
  /** How long it was held, in milliseconds, sent at release. */
  readonly heldMs: number;
}

/** Board to host, unsolicited. */
export type BoardReport = PortCarrier | LteSignal | Sensors | ButtonEvent;

/** Host to board. */
export type BoardCommand =
  | { readonly kind: 'ledSet'; readonly led: Led; readonly mode: LedMode }
  | { readonly kind: 'boardReset' };

/** What became of a command: carried out, not known to this board, or known and declined. */
export type CommandResult = 'done' | 'unsupported' | 'refused';

/** Board to host, exactly one for each command it took. */
export interface CommandAnswer {
  readonly kind: 'commandAnswer';
  /** The id the command carried. */
  readonly id: number;
  readonly result: CommandResult;
}

/** Everything a board says in a `message` frame. */
export type BoardMessage = BoardReport | CommandAnswer;

/** Everything a host says in a `message` frame. */
export interface HostMessage {
  readonly id: number;
  readonly command: BoardCommand;
}
