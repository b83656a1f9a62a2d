/**
 * Derives, from a desired document, what the engine and the fast path need of each tunnel: device name, listening
 * port and fwmark follow from the ids alone, so that a restart finds the tunnels of the former run again.
 */
import type { DesiredDocument, DesiredTunnel } from '../model/desired.ts';
import type { TunnelPlan, TunnelSpec } from '../model/tunnel.ts';
import type { Uplink } from '../model/uplink.ts';
import { carriedDocument } from './carried-document.ts';
import { hashOf, listenPort, PORT_COUNT, slotMark, uplinkNumbers } from './number-plan.ts';
import { probeTimers } from './probe-timers.ts';

/** IFNAMSIZ without its closing zero. */
export const DEVICE_NAME_MAX = 15;
const PREFIX = 'sag-';
/** Characters of the hash that make a cut name unique again. */
const HASH_CHARS = 4;

export interface DerivedTunnel {
  readonly spec: TunnelSpec;
  readonly plan: TunnelPlan;
}

/** Those this device carries in its HA role, in the order of the document. Every tunnel's uplink must be one of `uplinks` (the reader has seen to it). */
export function deriveTunnels(
  desired: DesiredDocument,
  uplinks: readonly Uplink[],
): readonly DerivedTunnel[] {
  const document = carriedDocument(desired);
  const names = deviceNames(document.tunnels);
  const ports = listenPorts(document.tunnels);
  return document.tunnels.map((tunnel) => {
    const port = ports.get(tunnel.id) ?? 0;
    const index = uplinks.findIndex(({ id }) => id === tunnel.uplink);
    const shared = {
      id: tunnel.id,
      uplink: tunnel.uplink,
      gateway: tunnel.gateway,
      deviceName: names.get(tunnel.id) ?? '',
      innerLocal: tunnel.innerLocal,
      innerRemote: tunnel.innerRemote,
    };
    return {
      plan: {
        ...shared,
        ...probeTimers(tunnel, document, uplinks[index]),
        gatewayOrder: tunnel.gatewayOrder,
        flowMark: slotMark(port),
      },
      spec: {
        ...shared,
        engine: tunnel.engine,
        listenPort: port,
        fwmark: uplinkNumbers(index).fwmark,
        remote: tunnel.remote,
        remotePublicKey: tunnel.remotePublicKey,
        ...keysOf(tunnel),
        ...(tunnel.ipsec === undefined ? {} : { ipsec: tunnel.ipsec }),
        innerPrefixLength: tunnel.innerPrefixLength,
        mtu: tunnel.mtu,
      },
    };
  });
}

function keysOf({
  ownKey,
  nextRemotePublicKey,
}: DesiredTunnel): Pick<TunnelSpec, 'ownKey' | 'nextRemotePublicKey'> {
  return {
    ...(nextRemotePublicKey === undefined ? {} : { nextRemotePublicKey }),
    ...(ownKey === undefined ? {} : { ownKey }),
  };
}

/** `sag-wan1-gwa` where that fits and is unique; otherwise cut and told apart by a hash of the tunnel's id. */
function deviceNames(tunnels: readonly DesiredTunnel[]): ReadonlyMap<string, string> {
  const plain = ({ uplink, gateway }: DesiredTunnel): string =>
    `${PREFIX}${uplink}-${gateway}`.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
  const names = new Map<string, string>();
  for (const tunnel of tunnels) {
    const name = plain(tunnel);
    const isShared = tunnels.filter((other) => plain(other) === name).length > 1;
    names.set(tunnel.id, isShared || name.length > DEVICE_NAME_MAX ? cut(name, tunnel.id) : name);
  }
  return names;
}

function cut(name: string, id: string): string {
  const hash = hashOf(id).toString(36).padStart(HASH_CHARS, '0').slice(-HASH_CHARS);
  return `${name.slice(0, DEVICE_NAME_MAX - HASH_CHARS - 1)}-${hash}`;
}

/** A slot by hash; a taken one goes to the next free, in the order of the ids, so that the document's order is moot. */
function listenPorts(tunnels: readonly DesiredTunnel[]): ReadonlyMap<string, number> {
  const taken = new Set<number>();
  const ports = new Map<string, number>();
  for (const id of tunnels.map((tunnel) => tunnel.id).toSorted()) {
    let slot = hashOf(id) % PORT_COUNT;
    while (taken.has(slot)) slot = (slot + 1) % PORT_COUNT;
    taken.add(slot);
    ports.set(id, listenPort(slot));
  }
  return ports;
}
