/**
 * The shape of the configuration file, as a schema whose static type is proved equal to `AgentConfig`.
 *
 * Every leaf carries a `description` that completes the sentence "must be …": refusals are built from it, so a
 * bound is written once. `code` overrides the general code of a refusal; `default` is what a missing key means.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { DEVICE_NAME } from '../../firmware-shim/kernel/device-name.ts';
import { ACCESS_POINTS_MAX } from '../model/access-point.ts';
import { CCN_AREAS } from '../model/area.ts';
import type { AgentConfig } from '../model/config.ts';
import { LAN_PORTS_MAX } from '../model/lan.ts';
import { LTE_PRIORITY, NEVER_FORWARDS, UPLINKS_MAX } from '../model/uplink.ts';

/** The SAG quota for prefixes of one device, raised by ticket. */
const LAN_PREFIXES_MAX = 50;
const HOSTS_MAX = 32;
/** A check asks a few hosts, and ends within seconds. */
const DIAGNOSIS_TARGETS_MAX = 4;
/** PATH_MAX of Linux. */
const PATH_MAX = 4096;

const word = (what: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
    description: `${what}: letters, digits, '.', '_' and '-', at most 63, starting with a letter or digit`,
  });

const path = (what: string) =>
  Type.String({
    minLength: 1,
    maxLength: PATH_MAX,
    pattern: '^[^\\u0000]+$',
    description: `the path of ${what}`,
  });

/** RFC 1123 name or an address; which of both is told apart where it matters. */
const HOST_PATTERN = '^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$|^::[A-Fa-f0-9.:]{0,45}$';

const host = (what: string) =>
  Type.String({ pattern: HOST_PATTERN, description: `${what}: a host name or an IP address` });

const number = (least: number, most: number, what: string, extra: object = {}) =>
  Type.Integer({
    minimum: least,
    maximum: most,
    description: `${what}: a whole number from ${least} to ${most}`,
    ...extra,
  });

const oneOf = <const Word extends string>(
  words: readonly Word[],
  what: string,
  extra: object = {},
) =>
  Type.Unsafe<Word>(
    Type.String({
      pattern: `^(${words.map((each) => each.replace(/[()]/g, '\\$&')).join('|')})$`,
      description: `${what}: one of ${words.map((each) => `'${each}'`).join(', ')}`,
      ...extra,
    }),
  );

/** Objects refuse keys they do not know: a misspelt key must not pass as an absent one. */
const object = <Members extends Record<string, TSchema>>(members: Members, what: string) =>
  Type.Object(members, { additionalProperties: false, description: what });

/** What the kernel takes as a device name and no shell, file path or log can misread. */
const deviceName = Type.String({
  pattern: DEVICE_NAME.source,
  description:
    "a kernel device name: letters, digits, '_', '.' and '-', at most 15, such as 'wan1'",
  code: 'ECONFIG_DEVICE_NAME',
});

const uplink = object(
  {
    id: word("the uplink's name"),
    kind: oneOf(['wired', 'lte', 'leased-line'], 'the kind of uplink'),
    port: Type.Optional(number(1, 64, 'the port as printed on the front panel')),
    deviceName,
    priority: number(
      NEVER_FORWARDS,
      LTE_PRIORITY,
      'the priority (-1 never forwards, 1 best to 50; 99 for LTE)',
    ),
    weight: number(1, 100, 'the weight', { default: 100 }),
    use: oneOf(['data', 'management-only'], 'what the uplink may carry', { default: 'data' }),
    probeBudgetBytesPerMonth: Type.Optional(
      number(1, Number.MAX_SAFE_INTEGER, 'what liveness probes may cost in bytes a month'),
    ),
    gateway: host("the next hop of the uplink's default route"),
    isp: Type.Optional(oneOf(['CT', 'CM', 'CU', 'Other'], 'the ISP of the uplink')),
  },
  'one uplink with id, kind, deviceName, priority and gateway',
);

const lanPort = object(
  {
    id: word("the LAN port's name"),
    deviceName,
    address: Type.String({
      maxLength: 64,
      description: "the port's IPv4 address with its length, such as '192.168.10.1/24'",
    }),
  },
  'one LAN port with id, deviceName and address',
);

const gateway = object(
  {
    id: word("the access gateway's name"),
    address: host('where the access gateway is reached'),
    port: number(1, 65_535, "the access gateway's TCP port"),
    serverName: host("the name in the access gateway's certificate"),
    enrolmentPort: Type.Optional(
      number(1, 65_535, 'the TCP port that gives certificates to new devices'),
    ),
    area: Type.Optional(oneOf(CCN_AREAS, 'the CCN area the access gateway serves')),
  },
  'one access gateway with id, address, port and serverName',
);

const page = object(
  {
    off: Type.Optional(Type.Boolean({ description: 'true or false' })),
    address: Type.Optional(host('the LAN address the page listens on')),
    port: Type.Optional(number(1, 65_535, "the page's TCP port")),
    unixSocket: Type.Optional(path("the page's Unix socket")),
    hosts: Type.Array(host('a Host header that is answered'), {
      maxItems: HOSTS_MAX,
      description: `a list of at most ${HOSTS_MAX} host names`,
      default: [],
    }),
  },
  'a map with any of off, address and port, unixSocket and hosts',
);

const addresses = (what: string) =>
  Type.Optional(
    Type.Array(host(what), {
      minItems: 1,
      maxItems: DIAGNOSIS_TARGETS_MAX,
      description: `a list of 1 to ${DIAGNOSIS_TARGETS_MAX} IP addresses`,
    }),
  );

const diagnosis = object(
  {
    internetTarget: Type.Optional(host('an address that answers pings')),
    name: Type.Optional(host('a name that must resolve')),
    resolvers: addresses('a name server'),
    endToEnd: addresses('a host behind the CCN'),
  },
  'a map with any of internetTarget, name, resolvers and endToEnd',
);

export const CONFIG_SCHEMA = object(
  {
    tenant: word('the tenant'),
    area: oneOf(CCN_AREAS, 'the CCN area this SAG was bought for', { code: 'ECONFIG_AREA' }),
    stateDirectory: path('the state directory'),
    controlSocket: path("the Unix socket of 'sagctl'"),
    board: object(
      {
        path: path("the board's serial device"),
        baudRate: number(1_200, 4_000_000, 'the speed of the serial line', { default: 115_200 }),
      },
      'a map with path and baudRate',
    ),
    uplinks: Type.Array(uplink, {
      minItems: 1,
      maxItems: UPLINKS_MAX,
      description: `a list of 1 to ${UPLINKS_MAX} uplinks`,
    }),
    lanPorts: Type.Optional(
      Type.Array(lanPort, {
        minItems: 1,
        maxItems: LAN_PORTS_MAX,
        description: `a list of 1 to ${LAN_PORTS_MAX} LAN ports`,
      }),
    ),
    lanPrefixes: Type.Array(
      Type.String({ maxLength: 64, description: "a prefix such as '192.168.10.0/24'" }),
      {
        minItems: 1,
        maxItems: LAN_PREFIXES_MAX,
        description: `a list of 1 to ${LAN_PREFIXES_MAX} prefixes`,
      },
    ),
    access: object(
      {
        certificateFile: Type.Optional(path("this device's certificate (PEM)")),
        keyFile: Type.Optional(path("this device's private key (PEM)")),
        caFile: path("the CCN's private CA (PEM)"),
        crlFile: Type.Optional(path("the revocation list of the CCN's CA")),
        commandKeyFile: Type.Optional(path('the public key of the issuer of commands (PEM)')),
        keepAliveS: number(5, 3_600, 'the MQTT keep-alive in seconds', { default: 30 }),
        gateways: Type.Array(gateway, {
          minItems: 1,
          maxItems: ACCESS_POINTS_MAX,
          description: `a list of 1 to ${ACCESS_POINTS_MAX} access gateways`,
        }),
      },
      'a map with caFile, gateways and, unless the device enrols by itself, certificateFile and keyFile',
    ),
    page: Type.Optional(page),
    diagnosis: Type.Optional(diagnosis),
    logLevel: oneOf(['debug', 'info', 'notice', 'warning', 'error'], 'the log level', {
      default: 'info',
    }),
  },
  'a map of settings',
);

type Writable<Value> = Value extends object
  ? { -readonly [Key in keyof Value]: Writable<Value[Key]> }
  : Value;
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile when the schema and the type drift apart. */
true satisfies Same<Writable<Static<typeof CONFIG_SCHEMA>>, Writable<AgentConfig>>;
