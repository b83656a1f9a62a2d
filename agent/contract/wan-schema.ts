/**
 * A WAN setting as somebody at the box writes it, and as the disk keeps it: shape first, then what only this box knows.
 */
import { type Static, Type } from '@sinclair/typebox';
import {
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../firmware-shim/kernel/prefix.ts';
import type { AgentConfig } from '../model/config.ts';
import type { WanAsk, WanRecord, WanSetting } from '../model/wan.ts';
import { type Read, refused } from './payload-json.ts';
import { strict, version, whole, word } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';
import type { Assert, Same } from './same-type.ts';

/** As many as a resolver asks. */
const NAME_SERVERS_MAX = 3;
/** RFC 1334 section 2.2.1 has one byte for the length; what an ISP gives is far shorter. */
const PPP_CHARACTERS_MAX = 128;
/** A host route has no next hop of its own network; a wider one than a class A is a slip. */
const PREFIX_MIN = 8;
const PREFIX_MAX = 31;
const FOUND_MAX = 16;
const UPLINKS_MAX = 16;

const ipv4 = (what: string) =>
  Type.String({
    pattern: '^(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}$',
    description: `${what}: an IPv4 address such as 203.0.113.2`,
  });
/** What RADIUS servers know of; no control character may reach the options of a PPP daemon. */
const pppText = (what: string) =>
  Type.String({
    minLength: 1,
    maxLength: PPP_CHARACTERS_MAX,
    pattern: '^[\\x20-\\x7e]+$',
    description: `${what}: 1 to ${PPP_CHARACTERS_MAX} letters, digits and signs without accents`,
  });
const uplink = word('the name of an uplink');
const address = {
  address: ipv4('the address of this box'),
  prefixLength: whole(PREFIX_MIN, PREFIX_MAX, 'the length of the prefix (24 is 255.255.255.0)'),
};

const DhcpSchema = Type.Object({ uplink, ipType: Type.Literal('DHCP') }, strict);
const StaticSchema = Type.Object(
  {
    uplink,
    ipType: Type.Literal('STATIC'),
    ...address,
    gateway: ipv4('the next hop'),
    nameServers: Type.Array(ipv4('a name server'), {
      maxItems: NAME_SERVERS_MAX,
      description: `at most ${NAME_SERVERS_MAX} name servers`,
    }),
  },
  strict,
);
const PppoeSchema = Type.Object(
  {
    uplink,
    ipType: Type.Literal('PPPOE'),
    user: pppText('the user name'),
    password: pppText('the password'),
  },
  strict,
);
const SETTINGS = { DHCP: DhcpSchema, STATIC: StaticSchema, PPPOE: PppoeSchema } as const;

const RecordSchema = Type.Object(
  {
    v: version,
    settings: Type.Array(Type.Union([DhcpSchema, StaticSchema, PppoeSchema]), {
      maxItems: UPLINKS_MAX,
    }),
    found: Type.Array(
      Type.Object(
        { uplink, addresses: Type.Array(Type.Object(address, strict), { maxItems: FOUND_MAX }) },
        strict,
      ),
      { maxItems: UPLINKS_MAX },
    ),
  },
  strict,
);

type Box = Pick<AgentConfig, 'uplinks' | 'lanPrefixes'>;

export function readWanRecord(value: unknown): Read<WanRecord> {
  return readShape(RecordSchema, value);
}

/** What a person asks for. Pointers lead into the setting, so that a form can show them at its field. */
export function readWanAsk(value: unknown, box: Box): Read<WanAsk> {
  const { do: what, setting, uplink: released, ...rest } = Object(value) as Record<string, unknown>;
  if (Object.keys(rest).length > 0) return refused('EWAN_ASK', '', 'asks for more than there is');
  switch (what) {
    case 'keep':
    case 'undo':
      return { ok: true, value: { do: what } };
    case 'release':
      return isUplink(released, box)
        ? { ok: true, value: { do: what, uplink: released } }
        : noUplink();
    case 'set': {
      const read = readWanSetting(setting, box);
      return read.ok ? { ok: true, value: { do: what, setting: read.value } } : read;
    }
    default:
      return refused('EWAN_ASK', '/do', "must be 'set', 'release', 'keep' or 'undo'");
  }
}

function readWanSetting(value: unknown, box: Box): Read<WanSetting> {
  const ipType: unknown = Object(value).ipType;
  if (ipType !== 'DHCP' && ipType !== 'STATIC' && ipType !== 'PPPOE') {
    return refused('EWAN_IP_TYPE', '/ipType', 'must be DHCP, STATIC or PPPOE');
  }
  const read: Read<WanSetting> = readShape(SETTINGS[ipType], value);
  if (!read.ok) return read;
  if (!isUplink(read.value.uplink, box)) return noUplink();
  return read.value.ipType === 'STATIC' ? sensible(read.value, box) : read;
}

type Static4 = Extract<WanSetting, { readonly ipType: 'STATIC' }>;

/** An address that nobody can have, or a next hop that is not next door, would only look set up. */
function sensible(setting: Static4, { lanPrefixes }: Box): Read<WanSetting> {
  const own = parsePrefix(`${setting.address}/${setting.prefixLength}`);
  const hop = parsePrefix(`${setting.gateway}/32`);
  if (own === undefined || !isHost(setting.address, own)) {
    return refused('EWAN_ADDRESS', '/address', 'no box can have this address in this network');
  }
  if (hop === undefined || !isHost(setting.gateway, { ...hop, length: own.length })) {
    return refused('EWAN_GATEWAY', '/gateway', 'no box can have this address in this network');
  }
  if (setting.gateway === setting.address || !prefixContains(networkOf(own), hop)) {
    const sentence = `must be another address in the network of ${setting.address}/${setting.prefixLength}`;
    return refused('EWAN_GATEWAY', '/gateway', sentence);
  }
  const lan = lanPrefixes.find((text) => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && prefixesOverlap(prefix, networkOf(own));
  });
  if (lan === undefined) return { ok: true, value: setting };
  const sentence = `overlaps the LAN ${lan} of this branch; one of them has to change`;
  return refused('EWAN_OVERLAP', '/address', sentence);
}

/** Neither loopback, link-local, multicast nor the ends of its network; RFC 3021 gives a /31 both of its two. */
export function isHost(text: string, prefix: Prefix): boolean {
  const [first = 0, second] = text.split('.').map(Number);
  if (first === 0 || first === 127 || first >= 224 || (first === 169 && second === 254))
    return false;
  if (prefix.length >= PREFIX_MAX) return true;
  const ends = text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
  const size = 2 ** (32 - prefix.length);
  return ends % size !== 0 && ends % size !== size - 1;
}

function isUplink(name: unknown, { uplinks }: Box): name is string {
  return uplinks.some(({ id, kind }) => id === name && kind !== 'lte');
}

function noUplink(): ReturnType<typeof refused> {
  return refused('EWAN_UPLINK', '/uplink', 'must be a wired uplink of this box');
}

/** Fails to compile when schema and model drift apart. */
export type WanRecordSchemaIsTheModel = Assert<Same<Static<typeof RecordSchema>, WanRecord>>;
