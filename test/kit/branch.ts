/**
 * One branch as data, for tests of the control side: its configuration, its inventory and a desired document.
 */
import type { Birth } from '../../agent/access/payloads.ts';
import { hashed } from '../../agent/contract/document-hash.ts';
import type { AgentConfig } from '../../agent/model/config.ts';
import type { DesiredDocument, DesiredTunnel } from '../../agent/model/desired.ts';
import type { Inventory } from '../../agent/model/inventory.ts';
import type { DesiredIpsec } from '../../agent/model/ipsec.ts';
import type { UplinkVerdict } from '../../agent/model/uplink.ts';
import type { KernelChange } from '../../firmware-shim/kernel/types.ts';
import type { Hello } from '../../firmware-shim/wire/messages.ts';

export const BOOT_ID = 'boot-1';
export const PUBLIC_KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';

export const inventory: Inventory = {
  serialNumber: 'sag00001',
  agentVersion: '0.1.0',
  host: { os: 'Debian 12' },
};

export const config: AgentConfig = {
  tenant: 'acme',
  area: 'Mainland China',
  stateDirectory: '/var/lib/sag',
  controlSocket: '/run/sag/control.sock',
  board: { path: '/dev/ttyS1', baudRate: 115_200 },
  uplinks: [
    {
      id: 'wan1',
      kind: 'wired',
      port: 5,
      deviceName: 'wan1',
      priority: 1,
      weight: 100,
      use: 'data',
      gateway: '10.91.1.1',
    },
    {
      id: 'wan2',
      kind: 'lte',
      deviceName: 'wan2',
      priority: 99,
      weight: 100,
      use: 'data',
      gateway: '10.91.2.1',
    },
  ],
  lanPorts: [{ id: 'lan0', deviceName: 'lan0', address: '192.168.10.1/24' }],
  lanPrefixes: ['192.168.10.0/24'],
  access: {
    certificateFile: '/etc/sag/device.pem',
    keyFile: '/etc/sag/device.key',
    caFile: '/etc/sag/ca.pem',
    keepAliveS: 30,
    gateways: [
      { id: 'gwa', address: '10.92.1.1', port: 8443, serverName: 'gwa.example' },
      { id: 'gwb', address: '10.92.2.1', port: 8443, serverName: 'gwb.example' },
    ],
  },
  logLevel: 'info',
};

export const hello: Hello = {
  protocolVersion: 1,
  bootEpoch: 7,
  model: 'sag-1000',
  hardwareRevision: 'A',
  serialNumber: 'sag00001',
  firmwareVersion: '1.0.0',
  ports: [{ port: 5, role: 'WAN', copper: true }],
};

export function up(address: string, sinceMs = 0): UplinkVerdict {
  return { state: 'up', sinceMs, address };
}

export function down(sinceMs = 0): UplinkVerdict {
  return { state: 'down', sinceMs, reason: 'no-carrier-kernel' };
}

export function tunnel(id: string, change: Partial<DesiredTunnel> = {}): DesiredTunnel {
  const isFirst = id.includes('wan1');
  return {
    id,
    engine: 'wireguard',
    uplink: isFirst ? 'wan1' : 'wan2',
    gateway: 'gwa',
    gatewayOrder: 0,
    remote: { address: '10.92.1.1', port: 51_820 },
    remotePublicKey: PUBLIC_KEY,
    innerLocal: isFirst ? '10.250.1.2' : '10.250.2.2',
    innerRemote: isFirst ? '10.250.1.1' : '10.250.2.1',
    innerPrefixLength: 30,
    mtu: 1_420,
    bfd: { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 },
    ...change,
  };
}

export const IPSEC: DesiredIpsec = {
  localIdentity: 'wan1.sag00001',
  remoteIdentity: 'gwa',
  credential: { kind: 'certificate', name: 'device' },
};

export function desired(change: Partial<DesiredDocument> = {}): DesiredDocument {
  return {
    v: 1,
    revision: 1,
    ccn: { id: 'ccn-1', name: 'branches', area: 'Mainland China' },
    tunnels: [tunnel('wan1-gwa'), tunnel('wan2-gwa')],
    prefixes: ['172.16.0.0/16'],
    ...change,
  };
}

/** The document as it comes from the gateway. */
export function received(document: DesiredDocument) {
  return { type: 'desiredReceived', ...hashed(document) } as const;
}

/** The kernel's first words: both uplinks with carrier and address. */
export const uplinksPresent: readonly KernelChange[] = [
  device(2, 'wan1'),
  device(3, 'wan2'),
  addressAdded(2, '10.91.1.2'),
  addressAdded(3, '10.91.2.2'),
];

export function device(index: number, name: string): KernelChange {
  const link = { index, name, adminUp: true, carrier: true, mtu: 1_500 };
  return { type: 'linkChanged', link };
}

export function addressAdded(deviceIndex: number, address: string): KernelChange {
  return {
    type: 'addressAdded',
    address: { deviceIndex, family: 'ipv4', address, prefixLength: 24 },
  };
}

export function decode(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload));
}

export function birthIn(payload: Uint8Array): Birth {
  return decode(payload) as Birth;
}
