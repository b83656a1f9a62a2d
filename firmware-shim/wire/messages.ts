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
/** What a board can do beyond the first version of the protocol; agreed upon in hello. */
export type Capability =
  | 'findMe'
  | 'resetLock'
  | 'watchdog'
  | 'clock'
  | 'firmwareQuery'
  | 'firmwareUpdate'
  | 'startReport'
  | 'identityProof';

export interface PortDescription {
  /** As printed on the front panel, from 1. */
  readonly port: number;
  readonly role: PortRole;
  readonly copper: boolean;
}

/** What the board says of itself after each of its starts and whenever asked. */
export interface Hello {
  /** The version both ends agreed upon. */
  readonly protocolVersion: number;
  /** Changes with every start of the MCU. */
  readonly bootEpoch: number;
  readonly model: BoardModel;
  readonly hardwareRevision: string;
  readonly serialNumber: string;
  readonly firmwareVersion: string;
  readonly ports: readonly PortDescription[];
  /** Those both ends know; absent from a board of version 1, which has none. */
  readonly capabilities?: readonly Capability[];
}

/** What a host says of itself when it asks for hello. */
export interface HostOffer {
  readonly versionLow: number;
  readonly versionHigh: number;
  readonly capabilities: readonly Capability[];
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
  /** The reset function is locked: the press shall have no effect. */
  readonly refused?: true;
}

/**
 * Why the MCU started: power came, a host asked, nobody kicked the watchdog, it failed by itself, a new image
 * is on trial, or a trial was not confirmed and the former image is back.
 */
export type StartCause = 'power' | 'commanded' | 'watchdog' | 'fault' | 'activation' | 'fallback';

export interface BoardStarted {
  readonly kind: 'boardStarted';
  readonly cause: StartCause;
}

/** Board to host, unsolicited. */
export type BoardReport = PortCarrier | LteSignal | Sensors | ButtonEvent | BoardStarted;

/** One step of a firmware update; in which order is in `docs/PROTOCOL.md`. */
export type UpdateCommand =
  | {
      readonly kind: 'updateBegin';
      readonly model: BoardModel;
      readonly version: string;
      readonly sizeBytes: number;
      /** CRC-32 of the whole image. */
      readonly imageCrc: number;
    }
  | { readonly kind: 'updateChunk'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'updateVerify' }
  | { readonly kind: 'updateActivate' }
  | { readonly kind: 'updateConfirm' }
  | { readonly kind: 'updateAbort' };

/** Host to board. */
export type BoardCommand =
  | { readonly kind: 'ledSet'; readonly led: Led; readonly mode: LedMode }
  | { readonly kind: 'boardReset' }
  /** Every LED blinks for so long, then shows again what it showed; 0 ends it now. */
  | { readonly kind: 'findMe'; readonly durationMs: number }
  | { readonly kind: 'resetLockSet'; readonly locked: boolean }
  | { readonly kind: 'watchdogArm'; readonly timeoutMs: number }
  | { readonly kind: 'watchdogKick' }
  | { readonly kind: 'watchdogDisarm' }
  | { readonly kind: 'clockGet' }
  | { readonly kind: 'clockSet'; readonly unixSeconds: number }
  | { readonly kind: 'firmwareQuery' }
  /** Asks for the factory key's word on this digest; the key itself never leaves the MCU. */
  | { readonly kind: 'proveIdentity'; readonly digest: Uint8Array }
  | UpdateCommand;

/** What lies in the slot that is not running. */
export type SpareSlot = 'empty' | 'receiving' | 'verified' | 'failed' | 'former';

/** How a step of an update went; the last six are refusals. */
export type UpdateStatus =
  | 'ready'
  | 'verified'
  | 'activating'
  | 'confirmed'
  | 'aborted'
  | 'wrongModel'
  | 'wrongChecksum'
  | 'tooLarge'
  | 'tooOld'
  | 'incomplete'
  | 'outOfTurn';

/** What a command brought back besides having been carried out. */
export type CommandReply =
  | { readonly kind: 'clock'; readonly unixSeconds: number }
  | {
      readonly kind: 'firmware';
      readonly version: string;
      readonly imageCrc: number;
      /** The running image has not been confirmed. */
      readonly trial: boolean;
      readonly spare: SpareSlot;
      /** Nothing older than this is taken. */
      readonly minimumVersion: string;
    }
  /** HMAC-SHA-256 with the factory key over `IDENTITY_PROOF_LABEL`, the serial number and the digest. */
  | { readonly kind: 'identityProof'; readonly proof: Uint8Array }
  /** `offset`: how many bytes of the image the board holds for good. */
  | { readonly kind: 'update'; readonly status: UpdateStatus; readonly offset: number };

/** What became of a command: carried out, not known to this board, or known and declined. */
export type CommandResult = 'done' | 'unsupported' | 'refused';

/** Board to host: each command it took ends with exactly one of these, or with a `CommandReplied`. */
export interface CommandAnswer {
  readonly kind: 'commandAnswer';
  /** The id the command carried. */
  readonly id: number;
  readonly result: CommandResult;
}

/** Board to host: the command with this id was carried out, and this is what it asked for. */
export interface CommandReplied {
  readonly kind: 'commandReply';
  readonly id: number;
  readonly reply: CommandReply;
}

/** Everything a board says in a `message` frame. */
export type BoardMessage = BoardReport | CommandAnswer | CommandReplied;

/** Everything a host says in a `message` frame. */
export interface HostMessage {
  readonly id: number;
  readonly command: BoardCommand;
}
