/** The controller leads the key pairs of a device: what it reports is accepted by the hub before the device hears of it. */
import { beforeEach, expect, test } from 'vitest';
import type { Birth, Reported } from '../../../../agent/access/payloads.ts';
import type { DesiredDocument } from '../../../../agent/model/desired.ts';
import { CloudNetwork } from '../../../../sim/ccn/cloud-network.ts';
import { doorTo } from '../../../../sim/ccn/network-door.ts';
import { CcnController } from '../../../../sim/live/cloud-controller.ts';

const BIRTH: Birth = {
  v: 1,
  state: 'online',
  bdSeq: 1,
  bootId: 'b',
  serialNumber: 'sag-1',
  model: 'sag-1000',
  hardwareRevision: 'A1',
  firmwareVersion: '1',
  agentVersion: '1',
  area: 'Mainland China',
  tunnelPublicKey: 'device-key',
  uplinks: [{ id: 'wan1', kind: 'wired' }],
  host: {},
};

let told: string[];
let controller: CcnController;

beforeEach(() => {
  const network = new CloudNetwork();
  network.createCcn({ id: 'ccn-1', area: 'Mainland China', name: 'branches' });
  network.createSag({ serialNumber: 'sag-1', area: 'Mainland China', cidrs: ['10.1.0.0/24'] });
  network.bindSag('sag-1', 'ccn-1');
  told = [];
  controller = new CcnController({
    door: doorTo(network),
    hubs: [{ gateway: 'gwa', address: '10.91.11.2', publicKey: 'gwa-key' }],
    settings: { bfd: { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 }, mtu: 1_400 },
    publish: (_serialNumber, document) => told.push(`document ${keyOf(document)}`),
    onHubTunnels: (_gateway, [tunnel]) => {
      told.push(`hub ${tunnel?.remotePublicKey} ${tunnel?.nextRemotePublicKey ?? 'alone'}`);
    },
  });
  controller.onBirth(BIRTH);
  controller.settle((settings) => ({ ...settings, keyGeneration: 1 }));
  told.length = 0;
});

function keyOf({ tunnels: [tunnel] }: DesiredDocument): string {
  return `${tunnel?.ownKey?.generation} ${tunnel?.ownKey?.accepted ?? 'not accepted'}`;
}

function report(...identities: NonNullable<Reported['identities']>): void {
  controller.onReported('sag-1', {
    v: 1,
    revision: 1,
    controllerState: 'Normal',
    vpnState: 'Normal',
    endToEndState: 'Unknown',
    tunnels: {},
    identities,
  });
}

const KEY_1 = { tunnel: 'wan1-gwa', generation: 1, publicKey: 'key-1' } as const;

test('a prepared key is accepted by the hub, then named, and the old one forgotten once it is in use', () => {
  report({ ...KEY_1, stage: 'prepared' });
  expect(told).toEqual(['hub device-key key-1', 'document 1 key-1']);
  report({ ...KEY_1, stage: 'back', code: 'EENGINE_ROTATION' });
  report({ ...KEY_1, stage: 'prepared' });
  expect(told).toHaveLength(2);
  report({ ...KEY_1, stage: 'inUse' });
  expect(told.slice(2)).toEqual(['hub key-1 alone']);
});

test('the next generation begins with the key that is in use', () => {
  report({ ...KEY_1, stage: 'inUse' });
  controller.settle((settings) => ({ ...settings, keyGeneration: 2 }));
  told.length = 0;
  report({ ...KEY_1, generation: 2, publicKey: 'key-2', stage: 'prepared' });
  expect(told).toEqual(['hub key-1 key-2', 'document 2 key-2']);
});

test('a device with another key at birth begins anew', () => {
  report({ ...KEY_1, stage: 'inUse' });
  told.length = 0;
  controller.onBirth({ ...BIRTH, tunnelPublicKey: 'other-key' });
  expect(told).toEqual(['hub other-key alone', 'document 1 not accepted']);
});
