/**
 * Arbitrary frames and messages of the board line, within the ranges of docs/PROTOCOL.md.
 */
import fc from 'fast-check';
import { FRAME_KINDS, type Frame, type FrameKind } from '../../firmware-shim/wire/frame.ts';
import type {
  BoardMessage,
  Hello,
  HostMessage,
  SensorReading,
} from '../../firmware-shim/wire/messages.ts';

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const port = fc.integer({ min: 1, max: 16 });

export const anyFrame: fc.Arbitrary<Frame> = fc.record({
  kind: fc.constantFrom(...(Object.keys(FRAME_KINDS) as FrameKind[])),
  sequence: u16,
  acknowledgement: u16,
  bootEpoch: u32,
  conversation: u32,
  payload: fc.uint8Array({ maxLength: 256 }),
});

const reading: fc.Arbitrary<SensorReading> = fc.oneof(
  fc.record({
    sensor: fc.constant('temperature' as const),
    index: fc.integer({ min: 0, max: 255 }),
    value: fc.integer({ min: -60_000, max: 200_000 }),
  }),
  fc.record({
    sensor: fc.constant('fan' as const),
    index: fc.integer({ min: 0, max: 255 }),
    value: fc.integer({ min: 0, max: 100_000 }),
  }),
  fc.record({
    sensor: fc.constant('voltage' as const),
    index: fc.integer({ min: 0, max: 255 }),
    value: fc.integer({ min: -60_000, max: 60_000 }),
  }),
);

export const anyBoardMessage: fc.Arbitrary<BoardMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('portCarrier' as const),
    port,
    carrier: fc.boolean(),
    speedMbps: fc.integer({ min: 0, max: 800_000 }),
    duplex: fc.constantFrom('full' as const, 'half' as const, 'unknown' as const),
  }),
  fc.record(
    {
      kind: fc.constant('lteSignal' as const),
      present: fc.boolean(),
      simReady: fc.boolean(),
      registered: fc.boolean(),
      dBm: fc.integer({ min: -150, max: 0 }),
      strength: fc.constantFrom('High', 'Middle', 'Low', 'Unavailable' as const),
    },
    { requiredKeys: ['kind', 'present', 'simReady', 'registered', 'strength'] },
  ) as fc.Arbitrary<BoardMessage>,
  fc.record({
    kind: fc.constant('sensors' as const),
    readings: fc.array(reading, { maxLength: 16 }),
  }),
  fc.record({
    kind: fc.constant('button' as const),
    button: fc.constant('RESET' as const),
    heldMs: fc.integer({ min: 0, max: 600_000 }),
  }),
  fc.record({
    kind: fc.constant('commandAnswer' as const),
    id: u32,
    result: fc.constantFrom('done' as const, 'unsupported' as const, 'refused' as const),
  }),
);

export const anyHostMessage: fc.Arbitrary<HostMessage> = fc.record({
  id: u32,
  command: fc.oneof(
    fc.record({
      kind: fc.constant('ledSet' as const),
      led: fc.constantFrom('PWR', 'SYS', 'CLOUD', 'LTE', 'WAN', 'WIFI', 'ALARM' as const),
      mode: fc.constantFrom('off' as const, 'on' as const, 'blink' as const),
    }),
    fc.constant({ kind: 'boardReset' as const }),
  ),
}) as fc.Arbitrary<HostMessage>;

export const anyHello: fc.Arbitrary<Hello> = fc.record({
  protocolVersion: fc.constant(1),
  bootEpoch: fc.integer({ min: 1, max: 0xffff_ffff }),
  model: fc.constantFrom('sag-1000' as const, 'sag-100wm' as const),
  hardwareRevision: fc.stringMatching(/^[!-~]{1,16}$/),
  serialNumber: fc.stringMatching(/^[A-Za-z0-9-]{1,32}$/),
  firmwareVersion: fc.stringMatching(/^[!-~]{1,32}$/),
  ports: fc.uniqueArray(
    fc.record({
      port,
      role: fc.constantFrom('NONE', 'WAN', 'LAN', 'ECC', 'MGT'),
      copper: fc.boolean(),
    }),
    { maxLength: 16, selector: (description) => description.port },
  ),
}) as fc.Arbitrary<Hello>;
