/**
 * Decides whether a well-formed desired document makes sense on this device; the first thing wrong refuses it whole.
 *
 * Shapes and ranges are the schema's business (`agent/contract/desired-schema.ts`); here stands what needs the
 * configuration, other parts of the document or the document in force.
 */
import { parseAddress } from '../../firmware-shim/kernel/address-text.ts';
import {
  hasHostBits,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../firmware-shim/kernel/prefix.ts';
import type { AgentConfig } from '../model/config.ts';
import type { DesiredDocument, DesiredTunnel, HashedDocument, Refusal } from '../model/desired.ts';
import { LTE_PRIORITY, type UplinkKind } from '../model/uplink.ts';
import { judgeAccessPoints } from './access-judge.ts';
import { effectiveLanPrefixes } from './effective-lan.ts';
import { judgeHealthChecks, judgeReadOnly } from './health-judge.ts';
import { checkLan } from './lan-check.ts';
import { checkRoutes } from './route-check.ts';
import { checkTraffic } from './traffic-check.ts';

/** The smallest MTU IPv6 knows, and the largest an Ethernet can be talked into. */
const MTU_MIN = 1_280;
const MTU_MAX = 9_000;
/** The worst priority of an uplink that is not LTE (DescribeSagWanList). */
const PRIORITY_MAX = 50;
/** A WireGuard key: 32 bytes in base64. */
const WIREGUARD_KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

export type DesiredVerdict =
  | { readonly is: 'new' }
  /** The gateway repeats a document it has sent before, as it does on every connection. */
  | { readonly is: 'known' }
  | { readonly is: 'refused'; readonly refusal: Refusal };

/** A revision that was accepted before: in force, on trial or undone. */
export interface KnownRevision {
  readonly revision: number;
  readonly hash: string;
  /** Absent of one that was undone. */
  readonly document?: DesiredDocument;
}

export function knownAs({ document, hash }: HashedDocument): KnownRevision {
  return { revision: document.revision, hash, document };
}

type Found = Refusal | undefined;

export function judgeDesired(
  { document, hash }: HashedDocument,
  known: readonly KnownRevision[],
  config: AgentConfig,
): DesiredVerdict {
  const same = known.find(({ revision }) => revision === document.revision);
  if (same?.hash === hash) return { is: 'known' };
  const refusal =
    checkRevision(document.revision, known) ??
    checkMeaning(document, config) ??
    judgeReadOnly(document, known.findLast((each) => each.document !== undefined)?.document);
  return refusal === undefined ? { is: 'new' } : { is: 'refused', refusal };
}

/** Everything but the revision: what a document that is kept must still pass when the configuration has changed. */
export function checkMeaning(document: DesiredDocument, config: AgentConfig): Found {
  const lanPrefixes = effectiveLanPrefixes(config, document.lan);
  return (
    checkArea(document, config) ??
    checkUplinks(document, config) ??
    checkLan(document, config) ??
    checkTunnels(document, config) ??
    checkIdentities(document) ??
    checkPrefixes(document, lanPrefixes) ??
    checkTarget(document) ??
    checkHa(document) ??
    checkRoutes(document, lanPrefixes) ??
    checkTraffic(document.traffic, { ...config, lanPrefixes }) ??
    judgeHealthChecks(document, config) ??
    judgeAccessPoints(document, config)
  );
}

function checkRevision(revision: number, known: readonly KnownRevision[]): Found {
  const newest = Math.max(0, ...known.map((each) => each.revision));
  if (revision > newest) return undefined;
  return known.some((each) => each.revision === revision)
    ? refuse('EDESIRED_FORKED', '/revision', 'this revision was different when it was accepted')
    : refuse('EDESIRED_STALE', '/revision', `revision ${newest} was accepted before`);
}

function checkArea(document: DesiredDocument, config: AgentConfig): Found {
  if (document.ccn === undefined || document.ccn.area === config.area) return undefined;
  const sentence = `the CCN is in ${document.ccn.area}, this device belongs to ${config.area}`;
  return refuse('EDESIRED_AREA', '/ccn/area', sentence);
}

function checkUplinks({ uplinks = [] }: DesiredDocument, config: AgentConfig): Found {
  for (const [index, { id, priority, gateway }] of uplinks.entries()) {
    const at = `/uplinks/${index}`;
    const own = config.uplinks.find((uplink) => uplink.id === id);
    if (own === undefined) {
      return refuse('EDESIRED_UPLINK', `${at}/id`, `this device has no uplink ${id}`);
    }
    if (uplinks.findIndex((other) => other.id === id) !== index) {
      return refuse('EDESIRED_DUPLICATE', `${at}/id`, `${id} is set twice`);
    }
    if (priority !== undefined && !isPriorityOf(own.kind, priority)) {
      const sentence = `a priority is -1 or from 1 to ${PRIORITY_MAX}; of LTE it is ${LTE_PRIORITY}`;
      return refuse('EDESIRED_PRIORITY', `${at}/priority`, sentence);
    }
    if (gateway !== undefined && parseAddress(gateway) === undefined) {
      return refuse('EDESIRED_ADDRESS', `${at}/gateway`, 'not an IP address');
    }
  }
  return undefined;
}

function isPriorityOf(kind: UplinkKind, priority: number): boolean {
  if (kind === 'lte') return priority === LTE_PRIORITY;
  return priority !== 0 && priority <= PRIORITY_MAX;
}

function checkTunnels(document: DesiredDocument, config: AgentConfig): Found {
  const ids = new Set<string>();
  const inner: Prefix[] = [];
  for (const [index, tunnel] of document.tunnels.entries()) {
    const at = `/tunnels/${index}`;
    if (ids.has(tunnel.id)) {
      return refuse('EDESIRED_DUPLICATE', `${at}/id`, `two tunnels are called ${tunnel.id}`);
    }
    ids.add(tunnel.id);
    const found = checkTunnel(tunnel, at, config) ?? checkInner(tunnel, at, inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkTunnel(tunnel: DesiredTunnel, at: string, config: AgentConfig): Found {
  const uplink = config.uplinks.find(({ id }) => id === tunnel.uplink);
  if (uplink === undefined) {
    const sentence = `this device has no uplink ${tunnel.uplink}`;
    return refuse('EDESIRED_UPLINK', `${at}/uplink`, sentence);
  }
  if (uplink.use === 'management-only') {
    const sentence = `${tunnel.uplink} carries management only, never user traffic`;
    return refuse('EDESIRED_UPLINK', `${at}/uplink`, sentence);
  }
  if (parseAddress(tunnel.remote.address) === undefined) {
    return refuse('EDESIRED_ADDRESS', `${at}/remote/address`, 'not an IP address');
  }
  if (tunnel.mtu < MTU_MIN || tunnel.mtu > MTU_MAX) {
    return refuse('EDESIRED_MTU', `${at}/mtu`, `an MTU is from ${MTU_MIN} to ${MTU_MAX}`);
  }
  return checkKeys(tunnel, at) ?? checkIpsec(tunnel, at);
}

function checkKeys(tunnel: DesiredTunnel, at: string): Found {
  const { engine, remotePublicKey, nextRemotePublicKey, ownKey } = tunnel;
  if (engine !== 'wireguard') {
    if (ownKey === undefined && nextRemotePublicKey === undefined) return undefined;
    const place = ownKey === undefined ? 'nextRemotePublicKey' : 'ownKey';
    return refuse('EDESIRED_KEY', `${at}/${place}`, `${engine} has no such keys`);
  }
  const keys = [
    ['remotePublicKey', remotePublicKey],
    ['nextRemotePublicKey', nextRemotePublicKey],
    ['ownKey/accepted', ownKey?.accepted],
  ] as const;
  const [place] = keys.find(([, key]) => key !== undefined && !WIREGUARD_KEY.test(key)) ?? [];
  if (place === undefined) return undefined;
  return refuse('EDESIRED_KEY', `${at}/${place}`, 'a WireGuard key is 32 bytes in base64');
}

function checkIpsec({ engine, ipsec }: DesiredTunnel, at: string): Found {
  if (engine !== 'ipsec') {
    if (ipsec === undefined) return undefined;
    return refuse('EDESIRED_IPSEC', `${at}/ipsec`, `a ${engine} tunnel has no IPsec parameters`);
  }
  if (ipsec === undefined) {
    return refuse('EDESIRED_IPSEC', `${at}/ipsec`, 'an IPsec tunnel needs identities');
  }
  for (const end of ['localIdentity', 'remoteIdentity'] as const) {
    if (ipsec[end] !== '%any') continue;
    return refuse('EDESIRED_IDENTITY', `${at}/ipsec/${end}`, 'anybody is nobody');
  }
  return undefined;
}

/** Told apart by both ends' identities alone; a hub would take the second for the first come back. */
function checkIdentities({ tunnels }: DesiredDocument): Found {
  const seen = new Set<string>();
  for (const [index, { gateway, ipsec }] of tunnels.entries()) {
    if (ipsec === undefined) continue;
    const pair = JSON.stringify([gateway, ipsec.localIdentity, ipsec.remoteIdentity]);
    if (seen.has(pair)) {
      const sentence = `two tunnels to ${gateway} have the same identities at both ends`;
      return refuse('EDESIRED_IDENTITY', `/tunnels/${index}/ipsec/localIdentity`, sentence);
    }
    seen.add(pair);
  }
  return undefined;
}

/** Both ends of a tunnel share a network of their own. Adds it to `others`. */
function checkInner(tunnel: DesiredTunnel, at: string, others: Prefix[]): Found {
  const local = parsePrefix(`${tunnel.innerLocal}/${tunnel.innerPrefixLength}`);
  const remote = parsePrefix(tunnel.innerRemote);
  if (local === undefined || tunnel.innerLocal.includes('/')) {
    return refuse(
      'EDESIRED_ADDRESS',
      `${at}/innerLocal`,
      'not an IP address with that prefix length',
    );
  }
  if (remote === undefined || tunnel.innerRemote.includes('/')) {
    return refuse('EDESIRED_ADDRESS', `${at}/innerRemote`, 'not an IP address');
  }
  const network = networkOf(local);
  if (!prefixContains(network, remote) || tunnel.innerLocal === tunnel.innerRemote) {
    const sentence = 'both ends of a tunnel are different addresses of one network';
    return refuse('EDESIRED_ADDRESS', `${at}/innerRemote`, sentence);
  }
  if (others.some((other) => prefixesOverlap(other, network))) {
    const sentence = 'two tunnels share an inner network';
    return refuse('EDESIRED_OVERLAP', `${at}/innerLocal`, sentence);
  }
  others.push(network);
  return undefined;
}

function checkPrefixes(document: DesiredDocument, lanPrefixes: readonly string[]): Found {
  const lan = lanPrefixes.map((text) => ({ text, prefix: parsePrefix(text) }));
  const seen = new Set<string>();
  for (const [index, text] of document.prefixes.entries()) {
    const at = `/prefixes/${index}`;
    const prefix = parsePrefix(text);
    if (prefix === undefined || !text.includes('/')) {
      return refuse('EDESIRED_PREFIX', at, 'not a prefix such as 10.0.0.0/8');
    }
    if (hasHostBits(prefix)) {
      return refuse('EDESIRED_PREFIX', at, 'bits behind the prefix length are set');
    }
    if (seen.has(text)) return refuse('EDESIRED_DUPLICATE', at, `${text} is listed twice`);
    seen.add(text);
    const own = lan.find(
      (each) => each.prefix !== undefined && prefixesOverlap(each.prefix, prefix),
    );
    if (own !== undefined) {
      return refuse('EDESIRED_OVERLAP', at, `${text} overlaps this branch's own ${own.text}`);
    }
  }
  return undefined;
}

/** Only what the CCN publishes is reached through a tunnel. */
function checkTarget({ endToEnd, prefixes }: DesiredDocument): Found {
  if (endToEnd === undefined) return undefined;
  const target = parsePrefix(endToEnd.address);
  if (target === undefined || endToEnd.address.includes('/')) {
    return refuse('EDESIRED_ADDRESS', '/endToEnd/address', 'not an IP address');
  }
  const published = prefixes.flatMap((text) => parsePrefix(text) ?? []);
  if (published.some((prefix) => prefixContains(prefix, target))) return undefined;
  return refuse('EDESIRED_ADDRESS', '/endToEnd/address', 'in none of the published prefixes');
}

function checkHa({ ha }: DesiredDocument): Found {
  if (ha?.type !== 'no_backup' || ha.role === 'active') return undefined;
  return refuse('EDESIRED_HA', '/ha/role', 'the only device of a SAG instance is active');
}

function refuse(code: string, pointer: string, sentence: string): Refusal {
  return { code, pointer, sentence };
}
