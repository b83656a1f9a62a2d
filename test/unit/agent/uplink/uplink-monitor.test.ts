import { expect, test } from 'vitest';
import type { Uplink } from '../../../../agent/model/uplink.ts';
import {
  UP_DEBOUNCE_MS,
  type UplinkEffect,
  type UplinkEvent,
  UplinkMonitor,
} from '../../../../agent/uplink/uplink-monitor.ts';
import type { KernelEvent, KernelLink } from '../../../../firmware-shim/kernel/types.ts';
import { advance } from '../../../kit/advance.ts';

const WAN1: Uplink = {
  id: 'wan1',
  kind: 'wired',
  port: 1,
  deviceName: 'eth1',
  priority: 1,
  weight: 1,
  use: 'data',
  gateway: '10.1.0.1',
};
const LTE: Uplink = {
  id: 'lte',
  kind: 'lte',
  deviceName: 'wwan0',
  priority: 99,
  weight: 1,
  use: 'data',
  gateway: '10.9.0.1',
};

function link(over: Partial<KernelLink> = {}): KernelEvent {
  return {
    type: 'linkChanged',
    link: { index: 3, name: 'eth1', adminUp: true, carrier: true, mtu: 1500, ...over },
  };
}

function address(text = '10.1.0.2', deviceIndex = 3): KernelEvent {
  return {
    type: 'addressAdded',
    address: { deviceIndex, family: 'ipv4', address: text, prefixLength: 24 },
  };
}

function kernel(...events: KernelEvent[]): UplinkEvent {
  return { type: 'kernelChanged', events };
}

/** Each verdict as one word: `wan1 up` or `wan1 no-address`. */
function words(effects: readonly UplinkEffect[]): string[] {
  return effects.flatMap((effect) =>
    effect.type === 'uplinkChanged'
      ? [`${effect.uplink} ${effect.verdict.state === 'up' ? 'up' : effect.verdict.reason}`]
      : [],
  );
}

function running(): UplinkMonitor {
  const monitor = new UplinkMonitor();
  monitor.handle({ type: 'uplinksPlanned', uplinks: [WAN1] }, 0);
  monitor.handle({ type: 'portCarrierChanged', port: 1, carrier: true }, 0);
  expect(words(monitor.handle(kernel(link(), address()), 0))).toEqual(['wan1 up']);
  return monitor;
}

test('nothing is known before the kernel has spoken', () => {
  const monitor = new UplinkMonitor();
  monitor.handle({ type: 'uplinksPlanned', uplinks: [WAN1] }, 5);
  expect(monitor.snapshot()[0]?.verdict).toMatchObject({ reason: 'not-observed-yet' });
});

test('an uplink that is fine at the start is up without waiting, with its address', () => {
  expect(running().snapshot()[0]?.verdict).toEqual({
    state: 'up',
    sinceMs: 0,
    address: '10.1.0.2',
  });
});

test('either witness alone takes an uplink down at once', () => {
  const byBoard = running();
  const boardSays = { type: 'portCarrierChanged', port: 1, carrier: false } as const;
  expect(words(byBoard.handle(boardSays, 9))).toEqual(['wan1 no-carrier-board']);
  const byKernel = running();
  expect(words(byKernel.handle(kernel(link({ carrier: false })), 9))).toEqual([
    'wan1 no-carrier-kernel',
  ]);
});

test('up again needs both witnesses and a moment of calm', () => {
  const monitor = running();
  monitor.handle({ type: 'portCarrierChanged', port: 1, carrier: false }, 10);
  monitor.handle(kernel(link({ carrier: false })), 11);
  monitor.handle(kernel(link()), 100);
  expect(monitor.deadline()).toBeUndefined();
  monitor.handle({ type: 'portCarrierChanged', port: 1, carrier: true }, 120);
  const seen = advance(monitor, 120, 5_000);
  expect(seen.map((each) => [each.atMs, words([each.effect])]).slice(0, 1)).toEqual([
    [120 + UP_DEBOUNCE_MS, ['wan1 up']],
  ]);
});

test('a bouncing plug starts the calm anew with each bounce', () => {
  const monitor = running();
  for (let nowMs = 10; nowMs < 1_000; nowMs += 50) {
    monitor.handle(kernel(link({ carrier: nowMs % 100 === 10 })), nowMs);
  }
  monitor.handle(kernel(link()), 1_000);
  const ups = advance(monitor, 10, 5_000).filter((each) => words([each.effect]).length > 0);
  expect(ups.map((each) => each.atMs)).toEqual([1_000 + UP_DEBOUNCE_MS]);
});

test('while the board is lost the kernel alone decides', () => {
  const monitor = running();
  monitor.handle({ type: 'portCarrierChanged', port: 1, carrier: false }, 10);
  monitor.handle({ type: 'boardLost' }, 20);
  expect(advance(monitor, 20, 1_000).length).toBe(2);
  expect(monitor.snapshot()[0]?.verdict.state).toBe('up');
});

test('each reason the kernel can give has its own word', () => {
  const monitor = running();
  expect(words(monitor.handle(kernel(link({ adminUp: false, carrier: false })), 1))).toEqual([
    'wan1 device-admin-down',
  ]);
  expect(words(monitor.handle(kernel({ type: 'linkRemoved', index: 3, name: 'eth1' }), 2))).toEqual(
    ['wan1 device-missing'],
  );
  expect(words(monitor.handle(kernel(link({ index: 7 })), 3))).toEqual(['wan1 no-address']);
});

test('the addresses of a removed device do not serve the next one with its name', () => {
  const monitor = running();
  monitor.handle(kernel({ type: 'linkRemoved', index: 3, name: 'eth1' }), 1);
  monitor.handle(kernel(link()), 2);
  expect(monitor.snapshot()[0]?.verdict).toMatchObject({ reason: 'no-address' });
});

test('a link-local address proves no attachment', () => {
  const monitor = new UplinkMonitor();
  monitor.handle({ type: 'uplinksPlanned', uplinks: [WAN1] }, 0);
  expect(words(monitor.handle(kernel(link(), address('169.254.3.4')), 0))).toEqual([
    'wan1 no-address',
  ]);
});

test('LTE is down while the modem is not registered, and the modem alone decides nothing up', () => {
  const monitor = new UplinkMonitor();
  monitor.handle({ type: 'uplinksPlanned', uplinks: [LTE] }, 0);
  monitor.handle({ type: 'lteRegistrationChanged', registered: true }, 0);
  expect(words(monitor.handle(kernel(link({ index: 9, name: 'eth9' })), 0))).toEqual([
    'lte device-missing',
  ]);
  monitor.handle(kernel(link({ name: 'wwan0' }), address()), 1);
  advance(monitor, 1, 1_000);
  expect(monitor.snapshot()[0]?.verdict.state).toBe('up');
  expect(
    words(monitor.handle({ type: 'lteRegistrationChanged', registered: false }, 1_001)),
  ).toEqual(['lte lte-not-registered']);
});

test('a changed address is told without the uplink going down', () => {
  const monitor = running();
  const moved = kernel(
    {
      type: 'addressRemoved',
      address: { deviceIndex: 3, family: 'ipv4', address: '10.1.0.2', prefixLength: 24 },
    },
    address('10.1.0.77'),
  );
  expect(words(monitor.handle(moved, 50))).toEqual(['wan1 up']);
  expect(monitor.snapshot()[0]?.verdict).toEqual({
    state: 'up',
    sinceMs: 0,
    address: '10.1.0.77',
  });
});

test('lost netlink events are no lost cable: the picture is replaced when the fresh one is there', () => {
  const monitor = running();
  expect(words(monitor.handle(kernel({ type: 'overrun' }), 5))).toEqual([]);
  expect(words(monitor.handle(kernel({ type: 'overrun' }, link(), address()), 6))).toEqual([]);
  expect(words(monitor.handle(kernel({ type: 'overrun' }, link()), 7))).toEqual([
    'wan1 no-address',
  ]);
});

test('an uplink that leaves the plan is forgotten with its timer', () => {
  const monitor = running();
  monitor.handle(kernel(link({ carrier: false })), 10);
  monitor.handle(kernel(link()), 20);
  monitor.handle({ type: 'uplinksPlanned', uplinks: [] }, 30);
  expect(monitor.deadline()).toBeUndefined();
  expect(monitor.snapshot()).toEqual([]);
});
