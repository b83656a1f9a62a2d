/**
 * The contract between device and gateway, topic by topic: who publishes, how, how much, and in what shape.
 *
 * Validation on both sides, `docs/asyncapi.yaml` and the table in `docs/PROTOCOL.md` are made from it (`make contract`).
 */
import type { TSchema } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import { topicsOf } from '../access/topics.ts';
import { CommandSchema } from './command-schema.ts';
import { ConfirmSchema } from './confirm-schema.ts';
import { DesiredSchema } from './desired-schema.ts';
import { DiagnosisSchema } from './diagnosis-schema.ts';
import {
  ChallengeSchema,
  EnrolSchema,
  IssuedSchema,
  ProveSchema,
  RefusedSchema,
  RenewSchema,
} from './identity-schema.ts';
import { BirthSchema, DeathSchema } from './life-schema.ts';
import { version } from './payload-parts.ts';
import {
  CommandStatusSchema,
  EventMessageSchema,
  LinkReportSchema,
  ReportedSchema,
  TelemetrySchema,
} from './report-schema.ts';
import { RoutesSchema } from './route-schema.ts';

export interface Channel {
  /** Below the prefix of the device; `{…}` stands for one level. */
  readonly address: string;
  readonly from: 'device' | 'gateway';
  readonly qos: 0 | 1;
  readonly retained: boolean;
  /** Why and when a message is no longer worth delivering; absent where it always is. */
  readonly expires?: string;
  /** Of a payload; more is refused before it is read. */
  readonly bytesMax: number;
  readonly holds: string;
  /** What may stand here, by name. */
  readonly messages: Readonly<Record<string, TSchema>>;
}

const KIB = 1024;

const RebirthSchema = Type.Object(
  { v: version },
  { description: 'Asks for birth and full state.' },
);

export const CHANNELS = {
  life: {
    address: 'life',
    from: 'device',
    qos: 1,
    retained: true,
    bytesMax: 16 * KIB,
    holds: 'birth (`online`), on every connect; as the will and as goodbye, `offline`',
    messages: { birth: BirthSchema, death: DeathSchema },
  },
  desired: {
    address: 'state/desired',
    from: 'gateway',
    qos: 1,
    retained: true,
    bytesMax: 64 * KIB,
    holds: 'the desired document, whole',
    messages: { desired: DesiredSchema },
  },
  confirm: {
    address: 'state/confirm',
    from: 'device',
    qos: 1,
    retained: false,
    bytesMax: KIB,
    holds: 'a nonce, which the device must read back (commit-confirm)',
    messages: { confirm: ConfirmSchema },
  },
  reported: {
    address: 'state/reported',
    from: 'device',
    qos: 1,
    retained: true,
    bytesMax: 16 * KIB,
    holds:
      'revision reached, the one on trial, `controllerState`, `vpnState`, active tunnel, state of each tunnel, last refusal',
    messages: { reported: ReportedSchema },
  },
  routes: {
    address: 'state/routes',
    from: 'device',
    qos: 1,
    retained: true,
    bytesMax: 64 * KIB,
    holds: 'which CIDRs of the branch are published to the CCN, and why others are not',
    messages: { routes: RoutesSchema },
  },
  diagnosis: {
    address: 'state/diagnosis',
    from: 'device',
    qos: 1,
    retained: true,
    bytesMax: 64 * KIB,
    holds: 'the last quick diagnosis in the shape of the SAG API: that it began, then its items',
    messages: { diagnosis: DiagnosisSchema },
  },
  link: {
    address: 'link/{uplink}',
    from: 'device',
    qos: 1,
    retained: true,
    bytesMax: 4 * KIB,
    holds: 'the verdict on one uplink; at most four a second, the newest wins',
    messages: { link: LinkReportSchema },
  },
  event: {
    address: 'event/{name}',
    from: 'device',
    qos: 1,
    retained: false,
    bytesMax: 16 * KIB,
    holds: 'one SAG event; the PUBACK means stored',
    messages: { event: EventMessageSchema },
  },
  telemetry: {
    address: 'tele/{class}',
    from: 'device',
    qos: 0,
    retained: false,
    expires: '300 s (`host`, `link`), 120 s (`probe`)',
    bytesMax: 4 * KIB,
    holds: 'the `acs_smartag` metrics of one class, once a minute; never sent late',
    messages: { telemetry: TelemetrySchema },
  },
  command: {
    address: 'cmd/{id}',
    from: 'gateway',
    qos: 1,
    retained: false,
    expires: 'with `expiresAtMs`',
    bytesMax: 16 * KIB,
    holds: 'one command; retained ones are refused',
    messages: { command: CommandSchema },
  },
  commandStatus: {
    address: 'cmd/{id}/status',
    from: 'device',
    qos: 1,
    retained: false,
    bytesMax: 16 * KIB,
    holds: 'what became of it, in the states of a SAG task',
    messages: { commandStatus: CommandStatusSchema },
  },
  identityAsk: {
    address: 'identity/ask',
    from: 'device',
    qos: 1,
    retained: false,
    expires: 'after 30 s: the attempt is over',
    bytesMax: 32 * KIB,
    holds: 'asks for a certificate, or proves who asks',
    messages: { enrol: EnrolSchema, prove: ProveSchema, renew: RenewSchema },
  },
  identityAnswer: {
    address: 'identity/answer',
    from: 'gateway',
    qos: 1,
    retained: false,
    bytesMax: 32 * KIB,
    holds: 'a challenge, a certificate or a refusal; retained ones are ignored',
    messages: { challenge: ChallengeSchema, issued: IssuedSchema, refused: RefusedSchema },
  },
  rebirth: {
    address: 'ctl/rebirth',
    from: 'gateway',
    qos: 1,
    retained: false,
    bytesMax: KIB,
    holds: 'asks for birth and full state',
    messages: { rebirth: RebirthSchema },
  },
} as const satisfies Readonly<Record<string, Channel>>;

export type ChannelName = keyof typeof CHANNELS;

/** Of any device; the levels before the address of a channel. */
export const PREFIX = topicsOf('{tenant}', '{serialNumber}').life.replace(/\/life$/, '');

/** The channel a topic belongs to, whoever's topic it is. */
export function channelOf(topic: string): ChannelName | undefined {
  const levels = topic.split('/').slice(PREFIX.split('/').length);
  const names = Object.keys(CHANNELS) as ChannelName[];
  return names.find((name) => {
    const wanted = CHANNELS[name].address.split('/');
    return (
      wanted.length === levels.length &&
      wanted.every((level, at) => level.startsWith('{') || level === levels[at])
    );
  });
}
