/** What bindings and births make of desired documents and hub tunnels. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Birth } from '../../../../agent/access/payloads.ts';
import type { DesiredDocument } from '../../../../agent/model/desired.ts';
import { CloudNetwork } from '../../../../sim/ccn/cloud-network.ts';
import { doorTo } from '../../../../sim/ccn/network-door.ts';
import { CcnController } from '../../../../sim/live/cloud-controller.ts';
import {
  type CloudView,
  desiredFor,
  type HubTunnel,
  hubTunnelsFor,
  SLOTS_MAX,
} from '../../../../sim/live/cloud-desired.ts';

const SHANGHAI = { id: 'vpc-sh', regionId: 'cn-shanghai', cidr: '172.16.0.0/16' };
const HUBS = [
  { gateway: 'gwa', address: '10.91.11.2', publicKey: 'gwa-key' },
  { gateway: 'gwb', address: '10.91.12.2', publicKey: 'gwb-key' },
];
const SETTINGS = { bfd: { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 }, mtu: 1_400 };

let network: CloudNetwork;

beforeEach(() => {
  network = new CloudNetwork();
  network.createCcn({ id: 'ccn-1', area: 'Mainland China', name: 'branches' });
  network.createCen({ id: 'cen-1' });
  network.attachVpc('cen-1', SHANGHAI);
  for (const [serialNumber, cidr] of [
    ['sag-1', '10.1.0.0/24'],
    ['sag-2', '10.2.0.0/24'],
  ] as const) {
    network.createSag({ serialNumber, area: 'Mainland China', cidrs: [cidr] });
  }
});

function birthOf(serialNumber: string, tunnelPublicKey = 'device-key'): Birth {
  return {
    v: 1,
    state: 'online',
    bdSeq: 1,
    bootId: 'b',
    serialNumber,
    model: 'sag-1000',
    hardwareRevision: 'A1',
    firmwareVersion: '1',
    agentVersion: '1',
    area: 'Mainland China',
    tunnelPublicKey,
    uplinks: [
      { id: 'wan1', kind: 'wired' },
      { id: 'wan2', kind: 'wired' },
    ],
    host: {},
  };
}

describe('the document', () => {
  const view = () => ({ network, hubs: HUBS, settings: SETTINGS });

  test('of a bound SAG has a tunnel for each uplink and gateway, and the prefixes of its CCN', () => {
    network.bindSag('sag-1', 'ccn-1');
    network.bindCen('ccn-1', 'cen-1');
    const document = desiredFor(view(), { birth: birthOf('sag-1'), slot: 0 }, 4);
    expect(document).toMatchObject({
      revision: 4,
      ccn: { id: 'ccn-1', name: 'branches', area: 'Mainland China' },
      prefixes: [SHANGHAI.cidr],
    });
    expect(document.tunnels.map(({ id, gatewayOrder }) => [id, gatewayOrder])).toEqual([
      ['wan1-gwa', 0],
      ['wan1-gwb', 1],
      ['wan2-gwa', 0],
      ['wan2-gwb', 1],
    ]);
    expect(document.tunnels[0]).toMatchObject({
      remote: { address: '10.91.11.2', port: 10_000 },
      remotePublicKey: 'gwa-key',
      innerLocal: '169.254.1.2',
      innerRemote: '169.254.1.1',
      innerPrefixLength: 30,
    });
  });

  test('of an unbound SAG wants nothing; of a CCN without CEN wants tunnels and no prefixes', () => {
    const device = { birth: birthOf('sag-1'), slot: 0 };
    expect(desiredFor(view(), device, 1)).toEqual({ v: 1, revision: 1, tunnels: [], prefixes: [] });
    expect(hubTunnelsFor(view(), device)).toEqual([]);
    network.bindSag('sag-1', 'ccn-1');
    const bound = desiredFor(view(), device, 2);
    expect(bound.tunnels).toHaveLength(4);
    expect(bound.prefixes).toEqual([]);
  });

  test('both ends of each tunnel agree', () => {
    network.bindSag('sag-1', 'ccn-1');
    const device = { birth: birthOf('sag-1'), slot: 9 };
    const { tunnels } = desiredFor(view(), device, 1);
    for (const hub of hubTunnelsFor(view(), device)) {
      const branch = tunnels.find(({ id }) => id === hub.tunnelId);
      expect(branch).toMatchObject({
        innerLocal: hub.innerRemote,
        innerRemote: hub.innerLocal,
        remote: { port: hub.listenPort },
        gateway: hub.gateway,
        uplink: hub.uplink,
      });
      expect(hub).toMatchObject({ remotePublicKey: 'device-key', branchPrefixes: ['10.1.0.0/24'] });
      expect(hub.deviceName.length).toBeLessThanOrEqual(15);
    }
  });

  test('both ends of an IPsec tunnel are known by name, each to the other, and nothing secret travels', () => {
    network.bindSag('sag-1', 'ccn-1');
    const settings = { ...SETTINGS, engines: { wan1: 'ipsec' } as const };
    const device = { birth: birthOf('sag-1'), slot: 0 };
    const mixed = { ...view(), hubs: [{ ...HUBS[0], ipsecPort: 4_500 }], settings } as CloudView;
    const [first, second] = desiredFor(mixed, device, 1).tunnels;
    const credential = { kind: 'certificate', name: 'device' };
    expect(first).toMatchObject({
      engine: 'ipsec',
      remote: { port: 4_500 },
      remotePublicKey: '',
      ipsec: { localIdentity: 'wan1.sag-1', remoteIdentity: 'gwa', credential },
    });
    expect(second).toMatchObject({ engine: 'wireguard', remotePublicKey: 'gwa-key' });
    const [hub] = hubTunnelsFor(mixed, device);
    expect(hub?.ipsec).toEqual({
      localIdentity: 'gwa',
      remoteIdentity: 'wan1.sag-1',
      credential,
    });
    expect(hub?.listenPort).toBe(10_000);
  });

  test('no two devices share an inner address or a hub port, and none is a reserved one', () => {
    network.bindSag('sag-1', 'ccn-1');
    const inner = new Set<string>();
    const ports = new Set<number>();
    for (let slot = 0; slot < SLOTS_MAX; slot += 1) {
      for (const tunnel of hubTunnelsFor(view(), { birth: birthOf('sag-1'), slot })) {
        inner.add(tunnel.innerLocal).add(tunnel.innerRemote);
        ports.add(tunnel.listenPort);
      }
    }
    expect(inner.size).toBe(SLOTS_MAX * 4 * 2);
    expect(ports.size).toBe(SLOTS_MAX * 4);
    expect(Math.max(...ports)).toBeLessThan(32_768);
    const thirds = new Set([...inner].map((address) => address.split('.')[2]));
    for (const reserved of ['0', '169', '255', '256']) expect(thirds.has(reserved)).toBe(false);
  });
});

describe('the controller', () => {
  let published: Array<DesiredDocument & { serialNumber: string }>;
  let hubs: Map<string, readonly HubTunnel[]>;
  let told: number;
  let controller: CcnController;

  beforeEach(() => {
    published = [];
    hubs = new Map();
    told = 0;
    controller = new CcnController({
      door: doorTo(network),
      hubs: HUBS,
      settings: SETTINGS,
      publish: (serialNumber, document) => published.push({ serialNumber, ...document }),
      onHubTunnels: (gateway, tunnels) => {
        hubs.set(gateway, tunnels);
        told += 1;
      },
    });
  });

  test('publishes when a device is born and only again when something changed', () => {
    network.bindSag('sag-1', 'ccn-1');
    expect(controller.onBirth(birthOf('sag-1'))).toBe(true);
    expect(controller.onBirth({ ...birthOf('sag-1'), bdSeq: 2 })).toBe(true);
    expect(published.map(({ revision }) => revision)).toEqual([1]);
    expect(told).toBe(2);
    expect(hubs.get('gwa')?.map(({ tunnelId }) => tunnelId)).toEqual(['wan1-gwa', 'wan2-gwa']);
  });

  test('a binding made later reaches the devices it concerns, with the next revision', () => {
    for (const serialNumber of ['sag-1', 'sag-2']) {
      network.bindSag(serialNumber, 'ccn-1');
      controller.onBirth(birthOf(serialNumber));
    }
    published.length = 0;
    const outcome = controller.change((change) => change.bindCen('ccn-1', 'cen-1'));
    expect(outcome.ok).toBe(true);
    expect(published).toMatchObject([
      { serialNumber: 'sag-1', revision: 2, prefixes: [SHANGHAI.cidr] },
      { serialNumber: 'sag-2', revision: 2, prefixes: [SHANGHAI.cidr] },
    ]);
    published.length = 0;
    controller.change((change) => change.unbindSag('sag-2'));
    expect(published).toMatchObject([{ serialNumber: 'sag-2', revision: 3, tunnels: [] }]);
    expect(hubs.get('gwb')?.every(({ serialNumber }) => serialNumber === 'sag-1')).toBe(true);
  });

  test('a device is reached at what it publishes, and never at what its SAG instance does not hold', () => {
    network.bindSag('sag-1', 'ccn-1');
    controller.onBirth(birthOf('sag-1'));
    const reached = () => hubs.get('gwa')?.map(({ branchPrefixes }) => branchPrefixes)[0];
    expect(reached()).toEqual(['10.1.0.0/24']);
    const route = (cidr: string, published: 'publish' | 'not_publish') => ({
      cidr,
      published,
      sourceType: 'local' as const,
      state: 'normal' as const,
      because: '',
      conflictCidrs: [],
    });
    const routes = [
      route('10.1.0.0/25', 'publish'),
      route('10.1.0.128/25', 'not_publish'),
      route('10.2.0.0/24', 'publish'),
      { ...route('10.1.0.64/26', 'publish'), sourceType: 'cloud' as const },
    ];
    controller.onRoutes('sag-1', { v: 1, revision: 1, cost: 10, routes });
    expect(reached()).toEqual(['10.1.0.0/25']);
    controller.onBirth({ ...birthOf('sag-1'), bdSeq: 2 });
    expect(reached()).toEqual(['10.1.0.0/25']);
    controller.onRoutes('sag-1', { v: 1, revision: 1, cost: 10, routes: [] });
    expect(reached()).toEqual([]);
  });

  test('what an operator orders for a device is in its document, also when it is born later', () => {
    network.bindSag('sag-1', 'ccn-1');
    const order = { routes: [{ cidr: '10.1.0.0/24', policy: 'no_publish' as const }] };
    controller.order('sag-1', order);
    controller.onBirth(birthOf('sag-1'));
    expect(published.at(-1)).toMatchObject({ revision: 1, ...order });
    controller.order('sag-1', { routes: [] });
    expect(published.at(-1)).toMatchObject({ revision: 2, routes: [] });
  });

  test('what is ordered at the console reaches the device that is bound, and ends with the binding', () => {
    network.bindSag('sag-1', 'ccn-1');
    controller.onBirth(birthOf('sag-1'));
    const ha = { type: 'cold_backup', role: 'standby' } as const;
    controller.change((change) => change.orderSag('sag-1', { type: 'setHa', ha }));
    expect(published.at(-1)).toMatchObject({ serialNumber: 'sag-1', revision: 2, ha });
    controller.change((change) => change.unbindSag('sag-1'));
    expect(published.at(-1)).toMatchObject({ revision: 3, tunnels: [] });
    expect(published.at(-1)).not.toHaveProperty('ha');
  });

  test('a refused binding publishes nothing', () => {
    network.bindSag('sag-1', 'ccn-1');
    controller.onBirth(birthOf('sag-1'));
    published.length = 0;
    expect(controller.change((change) => change.bindSag('sag-1', 'ccn-1'))).toMatchObject({
      code: 'AlreadyBound.CCN',
    });
    expect(published).toEqual([]);
  });

  test('a new tunnel key of a device reaches the hubs', () => {
    network.bindSag('sag-1', 'ccn-1');
    controller.onBirth(birthOf('sag-1'));
    controller.onBirth(birthOf('sag-1', 'new-key'));
    expect(hubs.get('gwa')?.map(({ remotePublicKey }) => remotePublicKey)).toEqual([
      'new-key',
      'new-key',
    ]);
    expect(published).toHaveLength(1);
  });

  test('a device without a tunnel key changes nothing, and gets its tunnels with the key', () => {
    network.bindSag('sag-1', 'ccn-1');
    expect(controller.onBirth(birthOf('sag-1', ''))).toBe(true);
    expect(published).toEqual([]);
    controller.onBirth(birthOf('sag-1'));
    controller.onBirth(birthOf('sag-1', ''));
    expect(published.map(({ revision }) => revision)).toEqual([1]);
    expect(hubs.get('gwa')?.[0]?.remotePublicKey).toBe('device-key');
  });

  test('a device nobody bought, or of another area, is told nothing', () => {
    expect(controller.onBirth(birthOf('stranger'))).toBe(false);
    expect(controller.onBirth({ ...birthOf('sag-1'), area: 'Europe' })).toBe(false);
    expect(published).toEqual([]);
  });
});
