/**
 * Arbitrary frames and messages of the board line, within the ranges of docs/PROTOCOL.md.
 */
import fc from 'fast-check';
import { FRAME_KINDS, type Frame, type FrameKind } from '../../firmware-shim/wire/frame.ts';
import type {
  BoardMessage,
  Capability,
  CommandReply,
  Hello,
  HostMessage,
  SensorReading,
} from '../../firmware-shim/wire/messages.ts';

const UPDATE_STATUSES = [
  'ready',
  'verified',
  'activating',
  'confirmed',
  'aborted',
  'wrongModel',
  'wrongChecksum',
  'tooLarge',
  'tooOld',
  'incomplete',
  'outOfTurn',
] as const;
const CAPABILITIES: readonly Capability[] = [
  'findMe',
  'resetLock',
  'watchdog',
  'clock',
  'firmwareQuery',
  'firmwareUpdate',
  'startReport',
  'identityProof',
];

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
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

const version = fc
  .array(fc.integer({ min: 0, max: 99_999 }), { minLength: 1, maxLength: 4 })
  .map((numbers) => numbers.join('.'));

const reply: fc.Arbitrary<CommandReply> = fc.oneof(
  fc.record({ kind: fc.constant('clock' as const), unixSeconds: u32 }),
  fc.record({
    kind: fc.constant('firmware' as const),
    version,
    imageCrc: u32,
    trial: fc.boolean(),
    spare: fc.constantFrom(...(['empty', 'receiving', 'verified', 'failed', 'former'] as const)),
    minimumVersion: version,
  }),
  fc.record({
    kind: fc.constant('update' as const),
    status: fc.constantFrom(...UPDATE_STATUSES),
    offset: fc.integer({ min: 0, max: 1_048_576 }),
  }),
  fc.record({ kind: fc.constant('identityProof' as const), proof: digest }),
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
  fc.record(
    {
      kind: fc.constant('button' as const),
      button: fc.constant('RESET' as const),
      heldMs: fc.integer({ min: 0, max: 600_000 }),
      refused: fc.constant(true as const),
    },
    { requiredKeys: ['kind', 'button', 'heldMs'] },
  ) as fc.Arbitrary<BoardMessage>,
  fc.record({
    kind: fc.constant('boardStarted' as const),
    cause: fc.constantFrom(
      ...(['power', 'commanded', 'watchdog', 'fault', 'activation', 'fallback'] as const),
    ),
  }),
  fc.record({ kind: fc.constant('commandReply' as const), id: u32, reply }),
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
    fc.record({
      kind: fc.constant('findMe' as const),
      durationMs: fc.integer({ min: 0, max: 300_000 }),
    }),
    fc.record({ kind: fc.constant('resetLockSet' as const), locked: fc.boolean() }),
    fc.record({
      kind: fc.constant('watchdogArm' as const),
      timeoutMs: fc.integer({ min: 1_000, max: 600_000 }),
    }),
    fc.record({ kind: fc.constant('clockSet' as const), unixSeconds: u32 }),
    fc.record({ kind: fc.constant('proveIdentity' as const), digest }),
    fc.record({
      kind: fc.constant('updateBegin' as const),
      model: fc.constantFrom('sag-1000' as const, 'sag-100wm' as const),
      version,
      sizeBytes: fc.integer({ min: 1, max: 0xffff_ffff }),
      imageCrc: u32,
    }),
    fc.record({
      kind: fc.constant('updateChunk' as const),
      offset: u32,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 240 }),
    }),
    fc.record({
      kind: fc.constantFrom(
        ...(['boardReset', 'watchdogKick', 'watchdogDisarm', 'clockGet', 'firmwareQuery'] as const),
        ...(['updateVerify', 'updateActivate', 'updateConfirm', 'updateAbort'] as const),
      ),
    }),
  ),
}) as fc.Arbitrary<HostMessage>;

const anyFirstHello = fc.record({
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

/** In the order of their bits, as they are decoded. */
const capabilities = fc
  .subarray([...CAPABILITIES])
  .map((words) => CAPABILITIES.filter((word) => words.includes(word)));

export const anyHello: fc.Arbitrary<Hello> = fc.oneof(
  anyFirstHello,
  fc
    .tuple(anyFirstHello, capabilities)
    .map(([hello, agreed]) => ({ ...hello, protocolVersion: 2, capabilities: agreed })),
);
