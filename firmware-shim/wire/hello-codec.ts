/**
 * The payload of a `hello` frame. Protocol version and boot epoch stand in the frame's header.
 */
import { BOARD_MODELS, PORT_ROLES } from './codes.ts';
import { type Decoded, FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import { type Frame, PROTOCOL_VERSION } from './frame.ts';
import {
  FIRMWARE_VERSION_CHARACTERS_MAX,
  HARDWARE_REVISION_CHARACTERS_MAX,
  PORTS_MAX,
  SERIAL_NUMBER_CHARACTERS,
  SERIAL_NUMBER_CHARACTERS_MAX,
  VERSION_CHARACTERS,
} from './limits.ts';
import type { Hello, PortDescription } from './messages.ts';

export function encodeHello(hello: Omit<Hello, 'protocolVersion' | 'bootEpoch'>): Uint8Array {
  const writer = new FieldWriter()
    .u8(BOARD_MODELS.codeOf(hello.model))
    .text(hello.hardwareRevision)
    .text(hello.serialNumber)
    .text(hello.firmwareVersion)
    .u8(hello.ports.length);
  for (const { port, role, copper } of hello.ports) {
    writer.u8(port).u8(PORT_ROLES.codeOf(role)).flag(copper);
  }
  return writer.bytes();
}

export function decodeHello(frame: Frame): Decoded<Hello> {
  const reader = new FieldReader(frame.payload);
  if (frame.bootEpoch === 0) reader.refuse('EMSG_RANGE', 'bootEpoch');
  const hello: Hello = {
    protocolVersion: PROTOCOL_VERSION,
    bootEpoch: frame.bootEpoch,
    model: reader.word('model', BOARD_MODELS, 'sag-1000'),
    hardwareRevision: reader.text(
      'hardwareRevision',
      HARDWARE_REVISION_CHARACTERS_MAX,
      VERSION_CHARACTERS,
    ),
    serialNumber: reader.text(
      'serialNumber',
      SERIAL_NUMBER_CHARACTERS_MAX,
      SERIAL_NUMBER_CHARACTERS,
    ),
    firmwareVersion: reader.text(
      'firmwareVersion',
      FIRMWARE_VERSION_CHARACTERS_MAX,
      VERSION_CHARACTERS,
    ),
    ports: readPorts(reader),
  };
  return reader.finish(hello);
}

function readPorts(reader: FieldReader): readonly PortDescription[] {
  const count = reader.u8('ports', 0, PORTS_MAX);
  const ports: PortDescription[] = [];
  const numbers = new Set<number>();
  for (let index = 0; index < count && !reader.refused; index += 1) {
    const port = reader.u8('ports.port', 1, PORTS_MAX);
    if (numbers.has(port)) reader.refuse('EMSG_RANGE', 'ports.port');
    numbers.add(port);
    ports.push({
      port,
      role: reader.word('ports.role', PORT_ROLES, 'NONE'),
      copper: reader.flag('ports.copper'),
    });
  }
  return ports;
}
