/**
 * ACL, SNAT and QoS of the desired document as statements of nft(8), each with the rule it stands for.
 *
 * Only hooks that forwarded packets pass are used. Who opened a connection is judged, its answers pass with it
 * (`ct direction original`); the first rule that matches decides, and what none matches passes. A throttle drops what
 * is over its rate: a bound, no guarantee, and shared by all of its classifiers.
 */
import {
  type AclRule,
  type PacketMatch,
  type RateLimit,
  type RuleName,
  ruleKey,
  type SnatRule,
  type ThrottleRule,
  type TrafficPolicy,
} from '../model/traffic-policy.ts';
import type { Uplink } from '../model/uplink.ts';

/** One statement, and which rule of the document it is for. */
export interface RuleLine {
  readonly text: string;
  readonly rule?: RuleName;
}

/** Where packets enter and leave. */
export interface Outside {
  readonly tunnelDevices: readonly string[];
  readonly uplinks: readonly Pick<Uplink, 'id' | 'deviceName'>[];
}

const BYTES_PER_MEGABIT = 125_000;
/** A quarter of a second at full rate, so that TCP with ordinary round trips reaches it; and never less than some packets. */
const BURST_PARTS = 4;
const BURST_BYTES_MIN = 65_536;

/** `table` exists already. */
export function trafficLines(
  table: string,
  { acl = [], snat = [], qos = [], bandwidthMbps = {} }: TrafficPolicy,
  outside: Outside,
): readonly RuleLine[] {
  return [
    ...chain(table, 'access', 'filter hook forward priority filter', acl.length),
    ...byPriority(acl).flatMap((rule) => aclLines(table, rule, outside)),
    ...chain(table, 'rates', 'filter hook forward priority filter + 10', qos.length),
    ...byPriority(qos).flatMap((rule, index) => {
      const bucket = `rate${index + 1}`;
      const bytes = bytesPerSecond(rule.limit, bandwidthMbps);
      return throttleLines(table, rule, bucket, bytes, devicesUnder(rule.limit, outside));
    }),
    ...chain(table, 'sources', 'nat hook postrouting priority srcnat', snat.length),
    ...snat.flatMap((rule) => snatLines(table, rule, outside)),
  ];
}

function chain(table: string, name: string, hook: string, rules: number): readonly RuleLine[] {
  if (rules === 0) return [];
  return [{ text: `add chain ${table} ${name} { type ${hook}; policy accept; }` }];
}

/** Equal ones stay in the order of the document. */
function byPriority<Rule extends { readonly priority: number }>(
  rules: readonly Rule[],
): readonly Rule[] {
  return rules.toSorted((a, b) => a.priority - b.priority);
}

function aclLines(table: string, rule: AclRule, outside: Outside): readonly RuleLine[] {
  const devices = rule.type === 'LAN' ? outside.tunnelDevices : devicesOf(outside);
  if (devices.length === 0) return [];
  const words = [
    `add rule ${table} access`,
    rule.direction === 'in' ? 'iifname' : 'oifname',
    setOf(devices),
    'ct direction original',
    ...matchWords(rule),
    `counter ${rule.policy}`,
  ];
  return [named(words, { kind: 'acl', id: rule.id })];
}

function snatLines(table: string, rule: SnatRule, outside: Outside): readonly RuleLine[] {
  const { id, source, uplink, address } = rule;
  const devices =
    uplink === undefined
      ? outside.tunnelDevices
      : outside.uplinks.filter((each) => each.id === uplink).map((each) => each.deviceName);
  if (devices.length === 0) return [];
  const family = familyOf(source);
  const words = [
    `add rule ${table} sources oifname ${setOf(devices)} ${family} saddr ${source} counter`,
    address === undefined ? 'masquerade' : `snat ${family} to ${address}`,
  ];
  return [named(words, { kind: 'snat', id })];
}

/** A chain of its own holds the one bucket that all classifiers of the rule draw from. */
function throttleLines(
  table: string,
  { id, classifiers }: ThrottleRule,
  bucket: string,
  bytes: number,
  devices: readonly string[],
): readonly RuleLine[] {
  if (devices.length === 0) return [];
  const rule = { kind: 'qos', id } as const;
  const burst = Math.max(BURST_BYTES_MIN, Math.round(bytes / BURST_PARTS));
  const over = `limit rate over ${bytes} bytes/second burst ${burst} bytes counter drop`;
  return [
    { text: `add chain ${table} ${bucket}`, rule },
    named([`add rule ${table} ${bucket} ${over}`], rule),
    ...classifiers.map((match) =>
      named(
        [
          `add rule ${table} rates oifname ${setOf(devices)}`,
          ...matchWords(match),
          `goto ${bucket}`,
        ],
        rule,
      ),
    ),
  ];
}

function devicesUnder(limit: RateLimit, outside: Outside): readonly string[] {
  if (limit.limitType === 'Absolute') return [...outside.tunnelDevices, ...devicesOf(outside)];
  return limit.of === 'CcnBandwidth' ? outside.tunnelDevices : devicesOf(outside);
}

function bytesPerSecond(
  limit: RateLimit,
  bandwidthMbps: NonNullable<TrafficPolicy['bandwidthMbps']>,
): number {
  if (limit.limitType === 'Absolute') return limit.mbps * BYTES_PER_MEGABIT;
  const whole = (bandwidthMbps[limit.of] ?? 0) * BYTES_PER_MEGABIT;
  return Math.round((whole * limit.percent) / 100);
}

function matchWords(match: PacketMatch): readonly string[] {
  const { source, destination, protocol = 'ALL' } = match;
  return [
    ...(source === undefined ? [] : [`${familyOf(source)} saddr ${source}`]),
    ...(destination === undefined ? [] : [`${familyOf(destination)} daddr ${destination}`]),
    ...protocolWords(protocol, match),
  ];
}

/** By number (IANA): a box need not have the list of names that nft looks them up in. */
const L4_PROTOCOL = { ICMP: '{ 1, 58 }', TCP: '6', UDP: '17' } as const;

function protocolWords(
  protocol: NonNullable<PacketMatch['protocol']>,
  { sourcePorts, destinationPorts }: PacketMatch,
): readonly string[] {
  if (protocol === 'ALL') return [];
  const matched = `meta l4proto ${L4_PROTOCOL[protocol]}`;
  if (protocol === 'ICMP') return [matched];
  const name = protocol.toLowerCase();
  return [
    matched,
    ...(sourcePorts === undefined ? [] : [`${name} sport ${sourcePorts.from}-${sourcePorts.to}`]),
    ...(destinationPorts === undefined
      ? []
      : [`${name} dport ${destinationPorts.from}-${destinationPorts.to}`]),
  ];
}

function named(words: readonly string[], rule: RuleName): RuleLine {
  return { text: `${words.join(' ')} comment "${ruleKey(rule)}"`, rule };
}

function devicesOf({ uplinks }: Outside): readonly string[] {
  return uplinks.map(({ deviceName }) => deviceName);
}

function setOf(devices: readonly string[]): string {
  return `{ ${devices.map((name) => `"${name}"`).join(', ')} }`;
}

function familyOf(text: string): 'ip' | 'ip6' {
  return text.includes(':') ? 'ip6' : 'ip';
}
