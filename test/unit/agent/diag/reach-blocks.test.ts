/** What is reached and how well, in the text of `sagctl` and in its metrics. */
import { expect, it } from 'vitest';
import { attentionOf } from '../../../../agent/diag/attention.ts';
import { metricsText } from '../../../../agent/diag/metrics-text.ts';
import { renderBlocks } from '../../../../agent/diag/text-table.ts';
import { viewOf } from '../../../../agent/diag/view-of.ts';
import type { AgentSnapshot } from '../../../../agent/model/snapshot.ts';
import { SAMPLE } from './sample-snapshot.ts';

const REACHING: AgentSnapshot = {
  ...SAMPLE,
  registration: {
    ...SAMPLE.registration,
    gateway: 'agw-2',
    accessPoints: [
      { id: 'agw-1', role: 'nearest', rttMs: 3.21, lossPercent: 0 },
      { id: 'agw-2', role: 'standby', rttMs: 9, lossPercent: 33.3 },
      { id: 'agw-3', role: 'candidate' },
    ],
  },
  endToEnd: { state: 'Abnormal', target: '172.16.0.10:9', because: 'no answer in time' },
  healthChecks: [
    {
      id: 'vbr',
      status: 'success',
      destination: '172.16.0.1',
      round: { lossPercent: 0, rttMs: 4 },
    },
    {
      id: 'line',
      status: 'failed',
      destination: '10.0.0.1',
      via: 'wan1',
      round: { lossPercent: 100, because: 'no answer in time' },
    },
  ],
};
const text = (name: 'status' | 'links', snapshot = REACHING): string =>
  renderBlocks(viewOf(name, snapshot).blocks, false);

it.each(['status', 'links'] as const)(
  '%s shows the access points, the one in use first',
  (name) => {
    expect(text(name)).toMatch(
      /ACCESS POINT +ROLE +RTT +LOSS\n.*agw-2 +current +9\.0 ms +33 %\n.*agw-1 +nearest +3\.2 ms +0 %\n.*agw-3 +candidate +- +-/,
    );
  },
);

it('status says whether the far side is reached, and names the checks that fail', () => {
  expect(text('status')).toMatch(/End to end +Abnormal +172\.16\.0\.10:9: no answer in time/);
  expect(text('status')).toMatch(/line +10\.0\.0\.1 +wan1 +failed +- +100 % +no answer in time/);
  expect(attentionOf(REACHING)).toEqual([
    'End to end: 172.16.0.10:9: no answer in time.',
    'Health check line: 10.0.0.1 fails, no answer in time.',
  ]);
});

it('says what is not known, and shows no empty table of checks', () => {
  expect(text('status', SAMPLE)).toMatch(
    /End to end +Unknown +the desired document names no target/,
  );
  expect(text('status', SAMPLE)).not.toContain('Health checks');
});

it('gives Prometheus what was measured and nothing else', () => {
  const metrics = metricsText(REACHING);
  expect(metrics).toContain('sag_health_check_success{check="line"} 0');
  expect(metrics).toContain('sag_health_check_rtt_seconds{check="vbr"} 0.004');
  expect(metrics).not.toContain('health_check_rtt_seconds{check="line"}');
  expect(metrics).toContain('sag_end_to_end_up 0');
  expect(metricsText(SAMPLE)).not.toContain('sag_end_to_end_up ');
});
