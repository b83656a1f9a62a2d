/**
 * The payload of a `hello` frame; the boot epoch stands in the frame's header.
 *
 * A board of version 1 ends with its ports. Later ones go on with the version and the capabilities agreed upon.
 */
import { CAPABLE_VERSION, capabilitiesOf, capabilityMask, FIRST_VERSION } from './capability.ts';
import { BOARD_MODELS, PORT_ROLES } from './codes.ts';
import { type Decoded, FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import type { Frame } from './frame.ts';
import {
  FIRMWARE_VERSION_CHARACTERS_MAX,
  HARDWARE_REVISION_CHARACTERS_MAX,
  PORTS_MAX,
  SERIAL_NUMBER_CHARACTERS,
  SERIAL_NUMBER_CHARACTERS_MAX,
  VERSION_CHARACTERS,
} from './limits.ts';
import type { Hello, PortDescription } from './messages.ts';

/** Without `capabilities` the hello is one of version 1. */
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
  if (hello.capabilities !== undefined) {
    writer.u8(CAPABLE_VERSION).u32(capabilityMask(hello.capabilities));
  }
  return writer.bytes();
}

export function decodeHello(frame: Frame): Decoded<Hello> {
  const reader = new FieldReader(frame.payload);
  if (frame.bootEpoch === 0) reader.refuse('EMSG_RANGE', 'bootEpoch');
  const hello: Hello = {
    protocolVersion: FIRST_VERSION,
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
  if (reader.atEnd) return reader.finish(hello);
  const protocolVersion = reader.u8('version', CAPABLE_VERSION, CAPABLE_VERSION);
  const mask = reader.u32('capabilities');
  const capabilities = capabilitiesOf(mask);
  // What was agreed upon is what this host offered, so there is no bit it does not know.
  if (capabilityMask(capabilities) !== mask) reader.refuse('EMSG_RANGE', 'capabilities');
  return reader.finish({ ...hello, protocolVersion, capabilities });
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
