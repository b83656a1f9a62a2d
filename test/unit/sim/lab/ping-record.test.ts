/** What the lab reads from ping's lines. */
import { expect, test } from 'vitest';
import { PingRecord } from '../../../../sim/lab/ping-record.ts';

const answer = (atS: string, sequence: number): string =>
  `[${atS}] 64 bytes from 172.16.0.10: icmp_seq=${sequence} ttl=61 time=1.25 ms`;

test('an answer counts with its moment on the monotonic clock and its round trip', () => {
  const record = new PingRecord(-1_000_000);
  record.read(answer('1001.250000', 1));
  expect(record.last()).toEqual({ sequence: 1, atMs: 1250, rttMs: 1.25 });
  expect(record.totals()).toEqual({ sent: 1, received: 1, lost: 0 });
});

test('an echo that is still unanswered when the next goes out counts as sent', () => {
  const record = new PingRecord(0);
  record.read(answer('1.0', 1));
  record.read('[1.020000] no answer yet for icmp_seq=2');
  record.read('[1.030000] no answer yet for icmp_seq=3');
  expect(record.totals()).toEqual({ sent: 3, received: 1, lost: 2 });
});

test('a late answer takes its echo off the lost ones', () => {
  const record = new PingRecord(0);
  record.read(answer('1.0', 1));
  record.read('[1.020000] no answer yet for icmp_seq=2');
  record.read(answer('1.030', 2));
  expect(record.totals()).toEqual({ sent: 2, received: 2, lost: 0 });
});

test('the gap is the longest silence that overlaps the span asked about', () => {
  const record = new PingRecord(0);
  for (const [at, sequence] of [
    ['1.000', 1],
    ['1.500', 2],
    ['2.000', 3],
    ['2.120', 9],
    ['2.130', 10],
  ] as const)
    record.read(answer(at, sequence));
  expect(record.gap(2_010, 2_130)).toEqual({ gapMs: 120, fromMs: 2_000, untilMs: 2_120 });
  expect(record.gap(0, 3_000)?.gapMs).toBe(500);
  expect(record.gap(5_000, 6_000)).toBeUndefined();
});

test('sequence numbers that go round keep counting', () => {
  const record = new PingRecord(0);
  for (let sequence = 1; sequence <= 65_536 + 10; sequence += 1)
    record.read(answer((sequence / 100).toFixed(6), sequence % 65_536));
  expect(record.totals()).toEqual({ sent: 65_546, received: 65_546, lost: 0 });
});

test('banners, errors and statistics are passed over', () => {
  const record = new PingRecord(0);
  record.read('PING 172.16.0.10 (172.16.0.10) 56(84) bytes of data.');
  record.read('From 192.168.10.1 icmp_seq=4 Destination Host Unreachable');
  record.read('');
  expect(record.totals()).toEqual({ sent: 0, received: 0, lost: 0 });
});
