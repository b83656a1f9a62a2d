/**
 * The shape of the desired document on the wire; its static type is proved equal to `DesiredDocument`.
 */
import { type Static, Type } from '@sinclair/typebox';
import { ACCESS_POINTS_MAX } from '../model/access-point.ts';
import { CCN_AREAS } from '../model/area.ts';
import type { DesiredDocument } from '../model/desired.ts';
import { HA_ROLES, HA_TYPES } from '../model/ha.ts';
import {
  CREDENTIAL_NAME_PATTERN,
  IDENTITY_CHARACTERS_MAX,
  PROPOSAL_PATTERN,
  REKEY_S_MIN,
} from '../model/ipsec.ts';
import { NOTE_LEVELS } from '../model/note.ts';
import { LTE_PRIORITY, NEVER_FORWARDS, UPLINKS_MAX } from '../model/uplink.ts';
import { HealthChecksSchema } from './health-schema.ts';
import { DesiredLanSchema } from './lan-schema.ts';
import { type Read, readJson } from './payload-json.ts';
import { oneOf, strict, text, version, wallMs, whole, word } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';
import { DesiredRoutesSchema } from './route-schema.ts';
import type { Assert, Same } from './same-type.ts';
import { TrafficPolicySchema } from './traffic-schema.ts';

/** Two gateways over every uplink an appliance can have. */
const TUNNELS_MAX = 32;
/** What fits into 64 kB with room to spare; the SAG quota is far below. */
const PREFIXES_MAX = 2_000;
/** More than anybody offers at once. */
const PROPOSALS_MAX = 8;
/** One a day for longer than any appliance lives; it becomes part of a file name. */
const GENERATIONS_MAX = 99_999;
/** A day: strongSwan's own are far shorter. */
const REKEY_S_MAX = 86_400;
/** A tunnel is waited for 3 s, and a connection takes a moment. */
const CONFIRM_S_MIN = 5;
/** Whoever has cut the device off waits so long for it. */
const CONFIRM_S_MAX = 600;
/** A year. */
const LOCK_S_MAX = 31_536_000;

const CcnArea = oneOf(CCN_AREAS, 'the name of a CCN area');

const identity = Type.String({
  minLength: 1,
  maxLength: IDENTITY_CHARACTERS_MAX,
  description: `an IKE identity of at most ${IDENTITY_CHARACTERS_MAX} characters`,
});
const proposals = Type.Array(
  Type.String({ pattern: PROPOSAL_PATTERN, description: 'a proposal such as aes256gcm16-x25519' }),
  { minItems: 1, maxItems: PROPOSALS_MAX, description: `1 to ${PROPOSALS_MAX} proposals` },
);
const rekeyS = whole(REKEY_S_MIN, REKEY_S_MAX, 'seconds until new keys');

const DesiredIpsecSchema = Type.Object(
  {
    localIdentity: identity,
    remoteIdentity: identity,
    credential: Type.Object(
      {
        kind: Type.Union([Type.Literal('psk'), Type.Literal('certificate')], {
          description: 'psk or certificate',
        }),
        name: Type.String({
          pattern: CREDENTIAL_NAME_PATTERN,
          description: "the name of a credential: letters, digits, '.', '_' and '-', at most 63",
        }),
      },
      strict,
    ),
    ikeProposals: Type.Optional(proposals),
    espProposals: Type.Optional(proposals),
    ikeRekeyS: Type.Optional(rekeyS),
    childRekeyS: Type.Optional(rekeyS),
  },
  strict,
);

const DesiredTunnelSchema = Type.Object(
  {
    id: word('a tunnel id'),
    engine: Type.Union([Type.Literal('wireguard'), Type.Literal('ipsec')], {
      description: 'wireguard or ipsec',
    }),
    uplink: word('an uplink id'),
    gateway: word('a gateway id'),
    gatewayOrder: whole(0, 1_000, 'the order of the gateway'),
    remote: Type.Object(
      { address: text('an IP address'), port: whole(1, 65_535, 'a UDP port') },
      strict,
    ),
    remotePublicKey: text('a public key'),
    nextRemotePublicKey: Type.Optional(text('a public key that is accepted besides')),
    ownKey: Type.Optional(
      Type.Object(
        {
          generation: whole(1, GENERATIONS_MAX, 'the generation of a key pair of the device'),
          accepted: Type.Optional(text('its public key, once the far end accepts it')),
        },
        strict,
      ),
    ),
    ipsec: Type.Optional(DesiredIpsecSchema),
    innerLocal: text('an IP address'),
    innerRemote: text('an IP address'),
    innerPrefixLength: whole(0, 128, 'a prefix length'),
    // Bounds here only keep it a number; what is sensible is judged with a code of its own.
    mtu: whole(0, 0xffff_ffff, 'an MTU'),
    bfd: Type.Optional(
      Type.Object(
        {
          desiredMinTxMs: whole(10, 60_000, 'a BFD interval in milliseconds'),
          requiredMinRxMs: whole(10, 60_000, 'a BFD interval in milliseconds'),
          detectMult: whole(1, 50, 'a BFD detection multiplier'),
        },
        strict,
      ),
    ),
  },
  strict,
);

const DesiredUplinkSchema = Type.Object(
  {
    id: word('an uplink id'),
    priority: Type.Optional(whole(NEVER_FORWARDS, LTE_PRIORITY, 'a priority')),
    weight: Type.Optional(whole(1, 100, 'a weight')),
    isp: Type.Optional(
      Type.Union(
        (['CT', 'CM', 'CU', 'Other'] as const).map((isp) => Type.Literal(isp)),
        { description: 'CT, CM, CU or Other' },
      ),
    ),
    gateway: Type.Optional(text('an IP address')),
  },
  strict,
);

const accessPoint = word('the id of a configured gateway');

const hold = whole(0, 86_400_000, 'a time in milliseconds of at most a day');

export const DesiredSchema = Type.Object(
  {
    v: version,
    revision: whole(1, Number.MAX_SAFE_INTEGER, 'a revision'),
    confirmWithinS: Type.Optional(
      whole(CONFIRM_S_MIN, CONFIRM_S_MAX, 'seconds within which it must prove itself'),
    ),
    ccn: Type.Optional(
      Type.Object({ id: word('a CCN id'), name: text('a CCN name'), area: CcnArea }, strict),
    ),
    uplinks: Type.Optional(
      Type.Array(DesiredUplinkSchema, {
        maxItems: UPLINKS_MAX,
        description: `a list of at most ${UPLINKS_MAX} uplinks`,
      }),
    ),
    lan: Type.Optional(DesiredLanSchema),
    tunnels: Type.Array(DesiredTunnelSchema, {
      maxItems: TUNNELS_MAX,
      description: `a list of at most ${TUNNELS_MAX} tunnels`,
    }),
    prefixes: Type.Array(text('a prefix such as 10.0.0.0/8'), {
      maxItems: PREFIXES_MAX,
      description: `a list of at most ${PREFIXES_MAX} prefixes`,
    }),
    ha: Type.Optional(
      Type.Object(
        {
          type: oneOf(HA_TYPES, 'no_backup, cold_backup or warm_backup'),
          role: oneOf(HA_ROLES, 'active or standby'),
        },
        { ...strict, description: 'the role of this device beside another of its SAG instance' },
      ),
    ),
    routes: Type.Optional(DesiredRoutesSchema),
    securityLockThresholdS: Type.Optional(
      whole(0, LOCK_S_MAX, 'seconds without the gateway until the device locks itself'),
    ),
    businessState: Type.Optional(oneOf(['Normal', 'Arrearage'], 'Normal or Arrearage')),
    endToEnd: Type.Optional(
      Type.Object(
        { address: text('an IP address'), port: whole(1, 65_535, 'a TCP port') },
        { ...strict, description: 'what is probed through the active tunnel' },
      ),
    ),
    traffic: Type.Optional(TrafficPolicySchema),
    healthChecks: Type.Optional(HealthChecksSchema),
    logLevel: Type.Optional(
      Type.Object({ level: oneOf(NOTE_LEVELS, 'a log level'), untilMs: wallMs }, strict),
    ),
    accessPoints: Type.Optional(
      Type.Object(
        {
          candidates: Type.Optional(
            Type.Array(accessPoint, {
              minItems: 1,
              maxItems: ACCESS_POINTS_MAX,
              description: `a list of 1 to ${ACCESS_POINTS_MAX} access points`,
            }),
          ),
          chosen: Type.Optional(accessPoint),
        },
        { ...strict, description: 'which gateways are tried, and which of them first' },
      ),
    ),
    policy: Type.Optional(
      Type.Object(
        {
          allDown: Type.Optional(
            Type.Union([Type.Literal('blackhole'), Type.Literal('internet')], {
              description: 'blackhole or internet',
            }),
          ),
          failbackHoldMs: Type.Optional(hold),
          failbackHoldMaxMs: Type.Optional(hold),
        },
        strict,
      ),
    ),
  },
  strict,
);

/** Bytes to a well-formed document, or the refusal with the revision it still told. */
export function readDesired(
  bytes: Uint8Array,
): Read<DesiredDocument> & { readonly revision?: number } {
  const json = readJson(bytes);
  return json.ok ? readDesiredValue(json.value) : json;
}

export function readDesiredValue(
  value: unknown,
): Read<DesiredDocument> & { readonly revision?: number } {
  const read: Read<DesiredDocument> = readShape(DesiredSchema, value);
  if (read.ok) return read;
  const revision: unknown = Object(value).revision;
  // What is reported as refused must be a revision itself, whatever number the document called one.
  const isRevision = Number.isSafeInteger(revision) && Number(revision) >= 1;
  return isRevision ? { ...read, revision: Number(revision) } : read;
}

/** Fails to compile when schema and model drift apart. */
export type DesiredSchemaIsTheModel = Assert<Same<Static<typeof DesiredSchema>, DesiredDocument>>;
