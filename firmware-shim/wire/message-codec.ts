/**
 * The payload of a `message` frame of the board: a type byte and that type's fields, each checked against its range.
 *
 * What cannot be true is refused as data; whoever holds the last good value keeps it.
 */
import { unreachable } from '../base/assert.ts';
import {
  BUTTONS,
  COMMAND_RESULTS,
  DUPLEXES,
  LTE_STRENGTHS,
  MESSAGE_TYPES,
  SENSOR_KINDS,
  START_CAUSES,
} from './codes.ts';
import { type Decoded, FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import {
  BUTTON_HELD_MS_MAX,
  PORTS_MAX,
  RSSI_DBM_MAX,
  RSSI_DBM_MIN,
  SENSOR_RANGES,
  SENSOR_READINGS_MAX,
  SPEED_MBPS_MAX,
} from './limits.ts';
import type { BoardMessage, ButtonEvent, LteSignal, SensorReading } from './messages.ts';
import { readReply, writeReply } from './reply-codec.ts';

export { decodeHostMessage, encodeHostMessage } from './command-codec.ts';

/** Bits of the LTE flags byte; the others are 0. */
const LTE_PRESENT = 1;
const LTE_SIM_READY = 2;
const LTE_REGISTERED = 4;
const LTE_HAS_READING = 8;
const LTE_FLAGS_MAX = 15;

export function encodeBoardMessage(message: BoardMessage): Uint8Array {
  const writer = new FieldWriter().u8(typeOf(message));
  switch (message.kind) {
    case 'portCarrier':
      writer.u8(message.port).flag(message.carrier).u32(message.speedMbps);
      return writer.u8(DUPLEXES.codeOf(message.duplex)).bytes();
    case 'lteSignal':
      return writeLteSignal(writer, message).bytes();
    case 'sensors':
      writer.u8(message.readings.length);
      for (const { sensor, index, value } of message.readings) {
        writer.u8(SENSOR_KINDS.codeOf(sensor)).u8(index).i32(value);
      }
      return writer.bytes();
    case 'button':
      return writer.u8(BUTTONS.codeOf(message.button)).u32(message.heldMs).bytes();
    case 'commandAnswer':
      return writer.u32(message.id).u8(COMMAND_RESULTS.codeOf(message.result)).bytes();
    case 'boardStarted':
      return writer.u8(START_CAUSES.codeOf(message.cause)).bytes();
    case 'commandReply':
      return writeReply(writer.u32(message.id), message.reply).bytes();
    default:
      return unreachable(message);
  }
}

/** A refused press has its own type: a host of version 1 must not take it for one that counts. */
function typeOf(message: BoardMessage): number {
  const refused = message.kind === 'button' && message.refused === true;
  return MESSAGE_TYPES[refused ? 'buttonRefused' : message.kind];
}

export function decodeBoardMessage(payload: Uint8Array): Decoded<BoardMessage> {
  const reader = new FieldReader(payload);
  const message = readBoardMessage(reader, reader.u8('type'));
  return reader.finish(message);
}

function readBoardMessage(reader: FieldReader, type: number): BoardMessage {
  switch (type) {
    case MESSAGE_TYPES.portCarrier:
      return {
        kind: 'portCarrier',
        port: reader.u8('port', 1, PORTS_MAX),
        carrier: reader.flag('carrier'),
        speedMbps: reader.u32('speedMbps', 0, SPEED_MBPS_MAX),
        duplex: reader.word('duplex', DUPLEXES, 'unknown'),
      };
    case MESSAGE_TYPES.lteSignal:
      return readLteSignal(reader);
    case MESSAGE_TYPES.sensors:
      return { kind: 'sensors', readings: readReadings(reader) };
    case MESSAGE_TYPES.button:
      return readButton(reader);
    case MESSAGE_TYPES.buttonRefused:
      return { ...readButton(reader), refused: true };
    case MESSAGE_TYPES.boardStarted:
      return { kind: 'boardStarted', cause: reader.word('cause', START_CAUSES, 'power') };
    case MESSAGE_TYPES.commandReply:
      return { kind: 'commandReply', id: reader.u32('id'), reply: readReply(reader) };
    default:
      if (type !== MESSAGE_TYPES.commandAnswer) reader.refuse('EMSG_TYPE', 'type');
      return {
        kind: 'commandAnswer',
        id: reader.u32('id'),
        result: reader.word('result', COMMAND_RESULTS, 'refused'),
      };
  }
}

function readButton(reader: FieldReader): ButtonEvent {
  return {
    kind: 'button',
    button: reader.word('button', BUTTONS, 'RESET'),
    heldMs: reader.u32('heldMs', 0, BUTTON_HELD_MS_MAX),
  };
}

function writeLteSignal(writer: FieldWriter, signal: LteSignal): FieldWriter {
  const flags =
    (signal.present ? LTE_PRESENT : 0) |
    (signal.simReady ? LTE_SIM_READY : 0) |
    (signal.registered ? LTE_REGISTERED : 0) |
    (signal.dBm === undefined ? 0 : LTE_HAS_READING);
  return writer
    .u8(flags)
    .i16(signal.dBm ?? 0)
    .u8(LTE_STRENGTHS.codeOf(signal.strength));
}

function readLteSignal(reader: FieldReader): LteSignal {
  const flags = reader.u8('flags', 0, LTE_FLAGS_MAX);
  const hasReading = (flags & LTE_HAS_READING) !== 0;
  // Without a reading the field is there all the same, and zero: one form for one meaning.
  const dBm = reader.i16('dBm', hasReading ? RSSI_DBM_MIN : 0, RSSI_DBM_MAX);
  return {
    kind: 'lteSignal',
    present: (flags & LTE_PRESENT) !== 0,
    simReady: (flags & LTE_SIM_READY) !== 0,
    registered: (flags & LTE_REGISTERED) !== 0,
    ...(hasReading ? { dBm } : {}),
    strength: reader.word('strength', LTE_STRENGTHS, 'Unavailable'),
  };
}

function readReadings(reader: FieldReader): readonly SensorReading[] {
  const count = reader.u8('readings', 0, SENSOR_READINGS_MAX);
  const readings: SensorReading[] = [];
  for (let index = 0; index < count && !reader.refused; index += 1) {
    const sensor = reader.word('readings.sensor', SENSOR_KINDS, 'temperature');
    const range = SENSOR_RANGES[sensor];
    readings.push({
      sensor,
      index: reader.u8('readings.index'),
      value: reader.i32('readings.value', range.low, range.high),
    });
  }
  return readings;
}
