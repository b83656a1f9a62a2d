/** The parsers of /proc and /sys: the kernel's own texts, and texts no kernel writes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCpuTimes } from '../../../../firmware-shim/host/parse-cpu-times.ts';
import { parseDeviceCounters } from '../../../../firmware-shim/host/parse-device-counters.ts';
import { parseMemory } from '../../../../firmware-shim/host/parse-memory.ts';
import { parseTemperature } from '../../../../firmware-shim/host/parse-temperature.ts';
import { parseUptime } from '../../../../firmware-shim/host/parse-uptime.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const HEADINGS = [
  'Inter-|   Receive                                                |  Transmit',
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
  '',
].join('\n');
const WAN1 =
  '  wan1: 1000 10    1    2    0     0          0         0 2000   20    3    4    0     0       0          0\n';

describe('processor times', () => {
  test('are split into busy and idle, waiting for a disk counted as idle', () => {
    const text = 'cpu  89627 80 27581 571456 6117 1 604 482 7 8\ncpu0 1 2 3 4\n';
    expect(parseCpuTimes(bytes(text))).toEqual({
      busyTicks: 89_627 + 80 + 27_581 + 1 + 604 + 482,
      idleTicks: 571_456 + 6_117,
    });
  });

  test.each([
    ['nothing', ''],
    ['a line cut before its end', 'cpu  1 2 3 4 5 6 7 8'],
    ['another line first', 'cpu0 1 2 3 4\n'],
    ['too few columns', 'cpu  1 2 3\n'],
    ['a negative number', 'cpu  1 2 -3 4\n'],
    ['a number glued to a letter', 'cpu  1 2 3x 4\n'],
    ['more digits than a counter has', 'cpu  1 2 3 123456789012345678901\n'],
    ['a counter above 64 bits', 'cpu  1 2 3 99999999999999999999\n'],
  ])('are absent for %s', (_what, text) => {
    expect(parseCpuTimes(bytes(text))).toBeUndefined();
  });
});

describe('memory', () => {
  test('is total and available', () => {
    const text = 'MemTotal:       24684084 kB\nMemFree:        1 kB\nMemAvailable:   23873268 kB\n';
    expect(parseMemory(bytes(text))).toEqual({ totalKib: 24_684_084, availableKib: 23_873_268 });
  });

  test.each([
    ['nothing', ''],
    ['no available', 'MemTotal: 10 kB\nMemFree: 5 kB\n'],
    ['the second line cut', 'MemTotal: 10 kB\nMemAvailable: 5'],
    ['no memory at all', 'MemTotal: 0 kB\nMemAvailable: 0 kB\n'],
    ['more available than there is', 'MemTotal: 10 kB\nMemAvailable: 11 kB\n'],
    ['another unit', 'MemTotal: 10 MB\nMemAvailable: 5 MB\n'],
  ])('is absent for %s', (_what, text) => {
    expect(parseMemory(bytes(text))).toBeUndefined();
  });
});

describe('uptime and temperature', () => {
  test('read as the kernel prints them', () => {
    expect(parseUptime(bytes('3497.33 5714.56\n'))).toBe(3497.33);
    expect(parseTemperature(bytes('48000\n'))).toBe(48_000);
    expect(parseTemperature(bytes('-1500\n'))).toBe(-1_500);
  });

  test.each(['', '\n', '12', '3497.33', '-1.00 2.00\n', 'NaN 1.00\n', '1e9 1.00\n'])(
    'uptime is absent for %j',
    (text) => {
      expect(parseUptime(bytes(text))).toBeUndefined();
    },
  );

  test.each([
    '',
    '\n',
    '48000',
    '-273150\n',
    '200001\n',
    '12.5\n',
    '0x10\n',
    ' 1\n',
    '99999999999\n',
  ])('a temperature is absent for %j', (text) => {
    expect(parseTemperature(bytes(text))).toBeUndefined();
  });
});

describe('the counters of devices', () => {
  test('stand in the kernel`s columns', () => {
    expect(parseDeviceCounters(bytes(HEADINGS + WAN1))).toEqual({
      badLines: 0,
      devices: new Map([
        [
          'wan1',
          { rxBytes: 1000, rxPackets: 10, rxDrops: 2, txBytes: 2000, txPackets: 20, txDrops: 4 },
        ],
      ]),
    });
  });

  test('are read when the first one is glued to the colon', () => {
    const table = parseDeviceCounters(bytes(HEADINGS + WAN1.replace(': 1000', ':1000')));
    expect(table?.devices.get('wan1')?.rxBytes).toBe(1000);
  });

  test('of a name in another script are kept under it', () => {
    const table = parseDeviceCounters(bytes(HEADINGS + WAN1.replace('wan1', '网口')));
    expect([...(table?.devices.keys() ?? [])]).toEqual(['网口']);
  });

  test.each([
    ['is cut', WAN1.slice(0, -20)],
    ['has a column less', WAN1.replace(' 0\n', '\n')],
    ['has a column more', WAN1.replace('\n', ' 0\n')],
    ['has no name', WAN1.replace('wan1', '')],
    ['has a name no device can have', WAN1.replace('wan1', 'sixteen-letters-')],
    ['has no colon', WAN1.replace(':', ' ')],
    ['has a negative counter', WAN1.replace(' 1000', ' -1000')],
    ['repeats a device', WAN1],
    ['is empty', '\n'],
  ])('survive a line that %s, which is counted', (_what, line) => {
    const table = parseDeviceCounters(bytes(HEADINGS + WAN1 + line));
    expect(table?.badLines).toBe(1);
    expect([...(table?.devices.keys() ?? [])]).toEqual(['wan1']);
  });

  test.each([
    ['nothing', ''],
    ['another file', 'nodev\tsysfs\n'],
    ['devices without headings', WAN1 + WAN1],
  ])('are absent for %s', (_what, text) => {
    expect(parseDeviceCounters(bytes(text))).toBeUndefined();
  });
});

test('arbitrary bytes are never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (raw) => {
      for (const parse of [
        parseCpuTimes,
        parseDeviceCounters,
        parseMemory,
        parseTemperature,
        parseUptime,
      ]) {
        parse(raw);
      }
    }),
    { numRuns: 1000 },
  );
});
