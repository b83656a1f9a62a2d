/** Addresses given out on the LAN: what is asked of the daemon, and what its end means. */
import { beforeEach, expect, test } from 'vitest';
import type { DesiredLanPort } from '../../../../agent/model/lan.ts';
import { addressAdded, desired, device } from '../../../kit/branch.ts';
import { ReconcilerScene } from '../../../kit/reconciler-scene.ts';

const lan = (from: string): { readonly lan: readonly DesiredLanPort[] } => ({
  lan: [
    {
      id: 'lan0',
      ipType: 'DHCP',
      address: '192.168.10.1/24',
      dhcp: { from, to: '192.168.10.199', leaseMinutes: 60 },
    },
  ],
});

let scene: ReconcilerScene;

beforeEach(() => {
  scene = new ReconcilerScene();
});

function start(change: Parameters<typeof desired>[0]): void {
  scene.start(desired(change));
  scene.hear({
    type: 'kernelChanged',
    events: [device(4, 'lan0'), addressAdded(4, '192.168.10.1')],
  });
  scene.pass(5_000);
}

test('a port serves as soon as it has its address, and once', () => {
  scene.start(desired(lan('192.168.10.100')));
  scene.hear({ type: 'kernelChanged', events: [device(4, 'lan0')] });
  scene.pass(5_000);
  expect(scene.dhcp).toEqual([]);
  scene.hear({ type: 'kernelChanged', events: [addressAdded(4, '192.168.10.1')] });
  scene.pass(60_000);
  expect(scene.dhcp).toEqual(['192.168.10.100-192.168.10.199']);
});

test('another document changes what is given out, and one without it ends it', () => {
  start(lan('192.168.10.100'));
  scene.hear({ type: 'adopted', document: desired({ revision: 2, ...lan('192.168.10.150') }) });
  scene.pass(5_000);
  scene.hear({ type: 'adopted', document: desired({ revision: 3 }) });
  scene.pass(5_000);
  expect(scene.dhcp).toEqual([
    '192.168.10.100-192.168.10.199',
    '192.168.10.150-192.168.10.199',
    '',
  ]);
  expect(scene.core.reachedRevision).toBe(3);
});

test('a branch that gives out nothing never asks for it', () => {
  start({});
  expect(scene.dhcp).toEqual([]);
});

test('a daemon that ends is noted and started again, and not at once', () => {
  start(lan('192.168.10.100'));
  scene.hear({ type: 'dhcpEnded', why: 'dnsmasq got SIGKILL' });
  expect(scene.notes).toContain('dhcpEnded');
  expect(scene.dhcp).toHaveLength(1);
  scene.pass(5_000);
  expect(scene.dhcp).toHaveLength(2);
});
