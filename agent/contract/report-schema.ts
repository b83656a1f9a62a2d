/**
 * The shapes of what the device reports: its state, the verdict on an uplink, and SAG events.
 *
 * Whoever reads them lets unknown keys through: a newer agent may say more.
 */
import { type Static, Type } from '@sinclair/typebox';
import type {
  CommandStatus,
  EventMessage,
  LinkReport,
  Reported,
  TaskState,
  TelemetryMessage,
} from '../access/payloads.ts';
import { DATA_STOPS } from '../model/data-stop.ts';
import { SAG_EVENTS, type SagEventName } from '../model/sag-event.ts';
import type { UplinkDownReason } from '../model/uplink.ts';
import { HealthFiguresSchema, HealthStatusesSchema } from './health-schema.ts';
import { monotonicMs, oneOf, text, version, wallMs, whole, word } from './payload-parts.ts';
import type { Assert, Same } from './same-type.ts';
import { RuleResultsSchema } from './traffic-schema.ts';

const revision = whole(0, Number.MAX_SAFE_INTEGER, 'a revision');
const losses = whole(0, Number.MAX_SAFE_INTEGER, 'a number of events');
const count = (what: string) => whole(0, Number.MAX_SAFE_INTEGER, what);
const state = (what: string) => oneOf(['Normal', 'Abnormal'], `${what}: Normal or Abnormal`);

export const ReportedSchema = Type.Object(
  {
    v: version,
    revision,
    controllerState: state('the control side (SAG ControllerState)'),
    vpnState: state('the tunnels (SAG VpnState)'),
    haState: Type.Optional(oneOf(['Active', 'Standby'], 'the role of this device (SAG HaState)')),
    endToEndState: oneOf(
      ['Normal', 'Abnormal', 'Unknown'],
      'whether the far side is reached, by a probe of its own',
    ),
    activeTunnel: Type.Optional(word('a tunnel id')),
    tunnels: Type.Record(Type.String(), text('the state of a tunnel'), {
      description: 'the state of each tunnel',
    }),
    losses: Type.Optional(
      Type.Object(
        { full: losses, expired: losses, refused: losses, unreadable: losses },
        { description: 'events that were never told, by reason' },
      ),
    ),
    refused: Type.Optional(
      Type.Object(
        { revision, code: text('a stable code'), pointer: text('a JSON pointer', 1024) },
        { description: 'the last refusal of a desired document' },
      ),
    ),
    trial: Type.Optional(revision),
    dataStop: Type.Optional(oneOf(DATA_STOPS, 'why user traffic is stopped on purpose')),
    safeMode: Type.Optional(
      Type.Object(
        {
          mode: oneOf(['safe', 'bare'], 'safe: the last confirmed document; bare: none'),
          crashes: count('crashes in a row'),
          events: count('events set aside'),
          commands: count('commands set aside'),
          documents: count('documents set aside'),
        },
        { description: 'the agent runs without what may have made it crash' },
      ),
    ),
    rules: Type.Optional(RuleResultsSchema),
    healthChecks: Type.Optional(HealthStatusesSchema),
    identities: Type.Optional(
      Type.Array(
        Type.Object({
          tunnel: word('a tunnel id'),
          credential: Type.Optional(text('the name of a credential')),
          generation: Type.Optional(count('the generation of a key pair; 0 is the first')),
          stage: oneOf(
            ['prepared', 'inUse', 'back'],
            'prepared: made, and shown once it is accepted; inUse; back: not taken, the one before is shown',
          ),
          publicKey: Type.Optional(text('the public key that is meant')),
          code: Type.Optional(text('a stable code')),
        }),
        { description: 'what became of the identity the document names for a tunnel' },
      ),
    ),
  },
  { description: 'What the device runs.' },
);

const DOWN_REASONS = [
  'not-observed-yet',
  'no-carrier-board',
  'no-carrier-kernel',
  'device-missing',
  'device-admin-down',
  'no-address',
  'lte-not-registered',
] as const satisfies readonly UplinkDownReason[];

export const LinkReportSchema = Type.Object(
  {
    v: version,
    uplink: word('an uplink id'),
    verdict: Type.Union(
      [
        Type.Object({
          state: Type.Literal('up'),
          sinceMs: monotonicMs,
          address: text('an address'),
        }),
        Type.Object({
          state: Type.Literal('down'),
          sinceMs: monotonicMs,
          reason: oneOf(DOWN_REASONS, 'why the uplink cannot be used'),
        }),
      ],
      { description: 'a verdict: up or down, and why' },
    ),
    wallMs,
  },
  { description: 'The verdict on one uplink.' },
);

export const TelemetrySchema = Type.Object(
  {
    v: version,
    class: oneOf(['host', 'link', 'probe'], 'a class of metrics'),
    bootId: word('the id of the run'),
    seq: whole(1, Number.MAX_SAFE_INTEGER, 'the number of the message in its class and run'),
    atMs: monotonicMs,
    wallMs,
    metrics: Type.Record(Type.String(), Type.Number(), {
      description: 'figures under the names of CloudMonitor, namespace acs_smartag',
    }),
    healthChecks: Type.Optional(HealthFiguresSchema),
  },
  { description: 'Metrics of one class.' },
);

const names = Object.keys(SAG_EVENTS) as SagEventName[];

/** An event as the store keeps it and as it is published. */
export const sagEventMembers = {
  id: word('an event id'),
  bootId: word('the id of the run that raised it'),
  seq: whole(1, Number.MAX_SAFE_INTEGER, 'its number within that run'),
  name: oneOf(names, 'the published name of a SAG event'),
  atMs: monotonicMs,
  wallMs,
  content: Type.Record(
    Type.String(),
    Type.Union([Type.String({ maxLength: 1024 }), Type.Number(), Type.Boolean()]),
    { description: 'what happened, by name' },
  ),
};

export const EventMessageSchema = Type.Object(
  {
    v: version,
    ...sagEventMembers,
    statusCode: text('the status code of this event (SAG API)'),
    level: text('INFO or CRITICAL'),
    type: text('Maintenance, Exception or StatusNotification'),
  },
  { description: 'One SAG event; the same id may come again and is kept once.' },
);

export const TASK_STATES = [
  'Initialized',
  'Processing',
  'Succeed',
  'Offline',
  'OfflineNotConfiged',
  'VersionNotSupport',
  'BuildRequestError',
  'HardwareError',
  'TaskNotExist',
] as const satisfies readonly TaskState[];

export const CommandStatusSchema = Type.Object(
  {
    v: version,
    id: word('a command id'),
    state: oneOf(TASK_STATES, 'the state of a SAG task'),
    errorCode: text('200, or a stable code'),
    errorMessage: text('one sentence', 1024),
  },
  { description: 'What became of a command.' },
);

export type ReportSchemasAreTheModel = [
  Assert<Same<Static<typeof ReportedSchema>, Reported>>,
  Assert<Same<Static<typeof LinkReportSchema>, LinkReport>>,
  Assert<Same<Static<typeof TelemetrySchema>, TelemetryMessage>>,
  Assert<Same<Static<typeof CommandStatusSchema>, CommandStatus>>,
  Assert<Same<Static<typeof EventMessageSchema>, Pick<EventMessage, keyof EventMessage>>>,
];
