/** What a demo run must show to count as held. */
import { expect, test } from 'vitest';
import { type DemoReport, judge } from '../../../../sim/lab/demo-report.ts';

const good: DemoReport = {
  mode: 'real',
  registered: { area: 'Mainland China', gateway: 'agw-hangzhou-a', afterMs: 900 },
  board: { model: 'sag-1000', serialNumber: 'sag1', ports: 8 },
  reach: { pingsSent: 100, pingsLost: 0 },
  failovers: [
    {
      cause: 'carrier',
      detectMs: 2,
      decideMs: 0.1,
      installMs: 0.3,
      trafficGapMs: 20,
      because: 'the cable of wan1 is out',
      detectBoundMs: 0,
    },
    {
      cause: 'blackhole',
      detectMs: 140,
      decideMs: 0.1,
      installMs: 0.3,
      trafficGapMs: 170,
      because: 'silent for 150 ms',
      detectBoundMs: 150,
    },
  ],
  gatewayStored: ['DeviceOnline', 'DeviceWanLinkDown', 'AccessGatewayFailover', 'DeviceWanLinkUp'],
  crossArea: { refused: true, code: 'AreaMismatch', message: 'no' },
  failed: [],
};

test('a run in which everything came true has nothing to complain about', () => {
  expect(judge(good)).toEqual([]);
});

test('a gap beyond detection plus the flip is named with its bound', () => {
  const [carrier, blackhole] = good.failovers;
  if (carrier === undefined || blackhole === undefined) throw new Error('two failovers');
  const slow = { ...good, failovers: [carrier, { ...blackhole, trafficGapMs: 310 }] };
  expect(judge(slow)).toEqual(['blackhole: traffic stood still for 310 ms, the bound is 300 ms']);
});

test('a machine that wakes its processes late is allowed for', () => {
  const failovers = good.failovers.map((each) => ({
    ...each,
    trafficGapMs: each.trafficGapMs + 90,
    machineLateMs: 40,
  }));
  expect(judge({ ...good, failovers })).toEqual([]);
});

test('a missing failover, a missing event and an accepted CEN are each named', () => {
  const bad = {
    ...good,
    failovers: good.failovers.slice(0, 1),
    gatewayStored: ['DeviceOnline'],
    crossArea: { refused: false, code: '', message: '' },
  };
  expect(judge(bad)).toEqual([
    'no failover was recorded for the blackhole case',
    'the gateway has not stored DeviceWanLinkDown',
    'the gateway has not stored AccessGatewayFailover',
    'the gateway has not stored DeviceWanLinkUp',
    'a CEN of another area was bound',
  ]);
});
