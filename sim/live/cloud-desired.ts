/**
 * What the cloud wants of one device and of the hubs it reaches, computed from the bindings and its birth.
 *
 * Both ends of a tunnel come from one leg: the device's slot, the uplink and the gateway alone decide the
 * inner addresses and the hub port, so that the same device always gets the same ones and no two share any.
 */
import type { Birth } from '../../agent/access/payloads.ts';
import type { DesiredDocument, DesiredTunnel } from '../../agent/model/desired.ts';
import type { EndToEndTarget } from '../../agent/model/end-to-end.ts';
import type { FastPathPolicy } from '../../agent/model/fast-path.ts';
import type { HealthCheck } from '../../agent/model/health-check.ts';
import { DEVICE_CREDENTIAL, type DesiredIpsec } from '../../agent/model/ipsec.ts';
import type { BfdTimers, EngineKind, OwnKey } from '../../agent/model/tunnel.ts';
import { addressText, contains, parseCidr } from '../ccn/cidr.ts';
import type { NetworkView } from '../ccn/nouns.ts';
import type { DeviceKeys, TunnelKeys } from './device-keys.ts';

/** The end of tunnels on one access gateway. */
export interface CloudHub {
  readonly gateway: string;
  /** Where tunnels end, as branches reach it. */
  readonly address: string;
  /** WireGuard public key, base64. */
  readonly publicKey: string;
  /** First UDP port; each tunnel of each device has one of its own. */
  readonly portBase?: number;
  /** One port for all IPsec tunnels: where one charon ends them all, because the kernel does ESP. */
  readonly ipsecPort?: number;
}

export interface TunnelSettings {
  readonly bfd: BfdTimers;
  readonly mtu: number;
  /** By uplink; WireGuard where it is not said. */
  readonly engines?: Readonly<Record<string, EngineKind>>;
  readonly policy?: Partial<FastPathPolicy>;
  /** Of the key pair each WireGuard tunnel shall show; absent: the device's own. */
  readonly keyGeneration?: number;
  /** What a branch probes through its tunnels, as long as it reaches the VPC the host is in. */
  readonly endToEnd?: EndToEndTarget;
  readonly healthChecks?: readonly HealthCheck[];
}

/** The hub's end of one tunnel. */
export interface HubTunnel {
  readonly serialNumber: string;
  /** As the device calls it. */
  readonly tunnelId: string;
  readonly engine: EngineKind;
  readonly uplink: string;
  readonly gateway: string;
  /** Kernel device on the gateway; at most 15 characters, unique there. */
  readonly deviceName: string;
  readonly listenPort: number;
  /** WireGuard public key of the device, base64; empty for IPsec. */
  readonly remotePublicKey: string;
  /** Accepted besides. */
  readonly nextRemotePublicKey?: string;
  /** IPsec: the same identities, seen from the hub. */
  readonly ipsec?: DesiredIpsec;
  readonly innerLocal: string;
  readonly innerRemote: string;
  readonly innerPrefixLength: number;
  readonly mtu: number;
  readonly bfd: BfdTimers;
  /** LAN prefixes behind the device. */
  readonly branchPrefixes: readonly string[];
}

export interface CloudView {
  readonly network: NetworkView & { publishedPrefixes(serialNumber: string): readonly string[] };
  /** In order of nearness; at most `HUBS_MAX`. */
  readonly hubs: readonly CloudHub[];
  readonly settings: TunnelSettings;
}

/** Parts of a device's document that do not follow from bindings. */
export type DeviceOrders = Pick<
  DesiredDocument,
  'routes' | 'ha' | 'lan' | 'healthChecks' | 'uplinks' | 'confirmWithinS'
>;

/** What is known of one device. `slot` never changes and no two devices share one. */
export interface CloudDevice {
  readonly birth: Birth;
  readonly slot: number;
  /** Absent: every tunnel shows the key of the birth. */
  readonly keys?: DeviceKeys;
  /** CIDRs it publishes; undefined for one that has not said: then all its SAG instance has. */
  readonly published?: readonly string[] | undefined;
  readonly orders?: DeviceOrders | undefined;
}

/** Four uplinks (two wired, LTE, leased line) to two gateways. */
export const UPLINKS_SERVED_MAX = 4;
export const HUBS_MAX = 2;
const LEGS_PER_DEVICE = UPLINKS_SERVED_MAX * HUBS_MAX;
/** Every device takes a /27 of 169.254.0.0/16; see `innerBase` for what is left out. */
const DEVICES_PER_24 = 8;
export const SLOTS_MAX = 253 * DEVICES_PER_24;
const PREFIX_LENGTH = 30;
/** Within the UDP range a SAG's site must permit for tunnels. */
const PORT_BASE = 10_000;

/** Everything wanted of the device, with the given revision. */
export function desiredFor(
  view: CloudView,
  device: CloudDevice,
  revision: number,
): DesiredDocument {
  const { serialNumber } = device.birth;
  const { policy, endToEnd, healthChecks } = view.settings;
  const sag = view.network.sag(serialNumber);
  const ccn = sag?.ccnId === undefined ? undefined : view.network.ccn(sag.ccnId);
  if (ccn === undefined) return { v: 1, revision, tunnels: [], prefixes: [] };
  const prefixes = view.network.publishedPrefixes(serialNumber);
  const isReached = endToEnd !== undefined && holds(prefixes, endToEnd.address);
  return {
    v: 1,
    revision,
    ccn: { id: ccn.id, name: ccn.name, area: ccn.area },
    tunnels: legsOf(view, device).map((leg) => branchEnd(leg, view.settings, keysOf(device, leg))),
    prefixes,
    ...sag?.orders,
    ...device.orders,
    ...(policy === undefined ? {} : { policy }),
    ...(isReached ? { endToEnd } : {}),
    ...(healthChecks === undefined ? {} : { healthChecks }),
  };
}

function holds(prefixes: readonly string[], address: string): boolean {
  const host = parseCidr(`${address}/32`);
  return prefixes.some((text) => {
    const prefix = parseCidr(text);
    return host !== undefined && prefix !== undefined && contains(prefix, host);
  });
}

/** The hub ends of the same tunnels. */
export function hubTunnelsFor(view: CloudView, device: CloudDevice): readonly HubTunnel[] {
  const { birth, slot, published } = device;
  const sag = view.network.sag(birth.serialNumber);
  if (sag?.ccnId === undefined) return [];
  const { mtu, bfd } = view.settings;
  return legsOf(view, device).map((leg) => ({
    serialNumber: birth.serialNumber,
    tunnelId: leg.id,
    engine: leg.engine,
    uplink: leg.uplink,
    gateway: leg.hub.gateway,
    deviceName: `hub${slot}-${leg.number}`,
    listenPort: leg.port,
    ...hubIdentity(leg, birth.tunnelPublicKey, keysOf(device, leg)),
    innerLocal: leg.innerHub,
    innerRemote: leg.innerBranch,
    innerPrefixLength: PREFIX_LENGTH,
    mtu,
    bfd,
    branchPrefixes: reachedAt(sag.cidrs, published),
  }));
}

/** A device is reached at what it publishes, as far as its SAG instance holds it: it cannot take others' addresses. */
function reachedAt(
  held: readonly string[],
  published: readonly string[] = held,
): readonly string[] {
  const own = held.flatMap((text) => parseCidr(text) ?? []);
  return published.filter((text) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && own.some((outer) => contains(outer, cidr));
  });
}

interface Leg {
  readonly id: string;
  readonly number: number;
  readonly engine: EngineKind;
  readonly uplink: string;
  /** What the branch's end is called over this uplink; no two tunnels to one hub share it. */
  readonly branchIdentity: string;
  readonly hub: CloudHub;
  readonly hubOrder: number;
  readonly port: number;
  readonly innerHub: string;
  readonly innerBranch: string;
}

function legsOf(view: CloudView, { birth, slot }: CloudDevice): readonly Leg[] {
  const hubs = view.hubs.slice(0, HUBS_MAX);
  return birth.uplinks.slice(0, UPLINKS_SERVED_MAX).flatMap((uplink, uplinkOrder) =>
    hubs.map((hub, hubOrder) => {
      const number = uplinkOrder * HUBS_MAX + hubOrder;
      const network = innerBase(slot) + number * 4;
      const engine = engineOf(view.settings, uplink.id);
      return {
        id: `${uplink.id}-${hub.gateway}`,
        number,
        engine,
        uplink: uplink.id,
        branchIdentity: branchIdentity(uplink.id, birth.serialNumber),
        hub,
        hubOrder,
        port: (hub.portBase ?? PORT_BASE) + slot * LEGS_PER_DEVICE + number,
        innerHub: addressText(network + 1),
        innerBranch: addressText(network + 2),
      };
    }),
  );
}

/** As the device's certificate must name it, too. */
export function branchIdentity(uplink: string, serialNumber: string): string {
  return `${uplink}.${serialNumber}`;
}

export function engineOf({ engines }: TunnelSettings, uplink: string): EngineKind {
  return engines?.[uplink] ?? 'wireguard';
}

/** Where the branch calls. */
function calledPort({ engine, hub, port }: Leg): number {
  return engine === 'ipsec' ? (hub.ipsecPort ?? port) : port;
}

function keysOf({ keys }: CloudDevice, { id }: Leg): TunnelKeys {
  return keys?.get(id) ?? {};
}

/** Gateways are known by their id, which their certificates carry. */
function hubIdentity(
  { engine, hub, branchIdentity: remoteIdentity }: Leg,
  birthKey: string,
  { inUse, next }: TunnelKeys,
): Pick<HubTunnel, 'remotePublicKey' | 'nextRemotePublicKey' | 'ipsec'> {
  if (engine === 'wireguard') {
    const besides = next !== undefined && { nextRemotePublicKey: next.publicKey };
    return { remotePublicKey: inUse?.publicKey ?? birthKey, ...besides };
  }
  const credential = DEVICE_CREDENTIAL;
  return {
    remotePublicKey: '',
    ipsec: { localIdentity: hub.gateway, remoteIdentity, credential },
  };
}

function branchEndIdentity(
  { engine, hub, branchIdentity: localIdentity }: Leg,
  keyGeneration: number | undefined,
  keys: TunnelKeys,
): Pick<DesiredTunnel, 'remotePublicKey' | 'ownKey' | 'ipsec'> {
  if (engine === 'wireguard') {
    const ownKey = keyGeneration !== undefined && { ownKey: ownKeyOf(keyGeneration, keys) };
    return { remotePublicKey: hub.publicKey, ...ownKey };
  }
  const credential = DEVICE_CREDENTIAL;
  return {
    remotePublicKey: '',
    ipsec: { localIdentity, remoteIdentity: hub.gateway, credential },
  };
}

/** Accepted is what its hub was told of before this document is published. */
function ownKeyOf(generation: number, { inUse, next }: TunnelKeys): OwnKey {
  const accepted = [next, inUse].find((each) => each?.generation === generation)?.publicKey;
  return { generation, ...(accepted !== undefined && { accepted }) };
}

/**
 * The first address of a device's block. 169.254.0.0/24 and 169.254.255.0/24 are reserved (RFC 3927,
 * section 2.1), and 169.254.169.0/24 is where cloud hosts expect their metadata.
 */
function innerBase(slot: number): number {
  const row = 1 + Math.floor(slot / DEVICES_PER_24);
  const third = row < 169 ? row : row + 1;
  return ((169 << 24) | (254 << 16) | (third << 8) | ((slot % DEVICES_PER_24) * 32)) >>> 0;
}

function branchEnd(
  leg: Leg,
  { mtu, bfd, keyGeneration }: TunnelSettings,
  keys: TunnelKeys,
): DesiredTunnel {
  return {
    id: leg.id,
    engine: leg.engine,
    uplink: leg.uplink,
    gateway: leg.hub.gateway,
    gatewayOrder: leg.hubOrder,
    remote: { address: leg.hub.address, port: calledPort(leg) },
    ...branchEndIdentity(leg, keyGeneration, keys),
    innerLocal: leg.innerBranch,
    innerRemote: leg.innerHub,
    innerPrefixLength: PREFIX_LENGTH,
    mtu,
    bfd,
  };
}
