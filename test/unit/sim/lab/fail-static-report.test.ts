/** What a run of the second story must show, and what is said when it does not. */
import { expect, it } from 'vitest';
import { type FailStaticReport, judgeFailStatic } from '../../../../sim/lab/fail-static-report.ts';

const GOOD: FailStaticReport = {
  engine: 'IPsec in the kernel',
  killed: {
    withoutAgentMs: 1_500,
    pingsSent: 200,
    pingsLost: 0,
    longestGapMs: 12,
    machineLateMs: 3,
    tunnels: [{ tunnel: 't1', kind: 'ipsec', isSame: true }],
  },
  moved: {
    address: '10.91.1.77',
    hubsSee: ['10.91.1.77:4500'],
    homedMs: 900,
    longestGapMs: 20,
  },
  allDown: [
    { policy: 'blackhole', via: 'blackhole', kernelRoute: 'blackhole' },
    {
      policy: 'internet',
      via: 'internet',
      kernelRoute: '172.16.0.10 from 192.168.10.2 via 10.91.1.1 dev wan1',
    },
  ],
  gatewayStored: ['DeviceOnline', 'ConnectionDisconnect', 'ConnectionDisconnect'],
};

it('a run that kept everything has nothing to say', () => {
  expect(judgeFailStatic(GOOD)).toEqual([]);
});

it('every broken promise is a sentence of its own', () => {
  const { killed } = GOOD;
  const tunnels = [{ tunnel: 't1', kind: 'ipsec', isSame: false }];
  const failed = judgeFailStatic({
    ...GOOD,
    killed: { ...killed, pingsLost: 3, tunnels },
    moved: { ...GOOD.moved, hubsSee: ['10.91.1.2:4500'] },
    allDown: [
      { policy: 'blackhole', via: 'blackhole', kernelRoute: 'via 10.91.1.1 dev wan1' },
      { policy: 'internet', via: 'internet', kernelRoute: 'blackhole' },
    ],
    gatewayStored: ['DeviceOnline'],
  });
  expect(failed).toEqual([
    '3 pings lost while the agent was away',
    't1 has other keys than before the agent was killed',
    'a hub sees the branch at 10.91.1.2:4500 and not at 10.91.1.77',
    'policy blackhole: the kernel sends packets for the VPC: via 10.91.1.1 dev wan1',
    'policy internet: the kernel sends packets for the VPC: blackhole',
    'the gateway stored 0 ConnectionDisconnect of 2',
  ]);
});
