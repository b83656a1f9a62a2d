/** The host door on the real /proc, and on a /proc that lies. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Host, openHost } from '../../../firmware-shim/open-host.ts';

const HEADINGS = 'Inter-|  Receive  | Transmit\n face |bytes |bytes\n';
const ZEROS = ' 0'.repeat(7);

let hosts: Host[];

beforeEach(() => {
  hosts = [];
});
afterEach(() => {
  for (const host of hosts) host.close();
});

function opened(options: Partial<Parameters<typeof openHost>[0]> = {}): Host {
  const host = openHost({ uplinks: { wan: ['lo'] }, diskPath: '/', ...options });
  hosts.push(host);
  return host;
}

describe('on this machine', () => {
  test('everything but sensors is known, without a problem', () => {
    const host = opened();
    host.sample(0);
    const metrics = host.sample(1_000);
    const { temperature, ...problems } = metrics.problems;
    expect(problems).toEqual({ cpu: 0, memory: 0, disk: 0, uptime: 0, devices: 0 });
    expect(temperature).toBeGreaterThanOrEqual(0);
    for (const percent of [metrics.memoryPercent, metrics.diskPercent]) {
      expect(percent).toBeGreaterThan(0);
      expect(percent).toBeLessThanOrEqual(100);
    }
    expect(metrics.uptimeS).toBeGreaterThan(0);
    expect(metrics.wan?.rxBitsPerS).toBeGreaterThanOrEqual(0);
  });

  test('device counters are those ip(8) shows', (ctx) => {
    let shown: string;
    try {
      shown = execFileSync('ip', ['-j', 'link', 'show'], { encoding: 'utf8' });
    } catch (error) {
      if (process.env['CI'] !== undefined) throw error;
      return ctx.skip('ip(8) is not installed');
    }
    const names = (JSON.parse(shown) as { readonly ifname: string }[]).map((link) => link.ifname);
    const seen = opened()
      .sample(0)
      .devices.map(({ name }) => name);
    expect(seen.toSorted()).toEqual(names.toSorted());
  });

  test('a thousand samples open nothing, and closing gives every descriptor back', () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    const host = opened();
    host.sample(0);
    const open = descriptors();
    for (let look = 1; look <= 1_000; look += 1) host.sample(look);
    expect(descriptors()).toBe(open);
    host.close();
    host.close();
    expect(descriptors()).toBe(before);
    expect(host.sample(2_000)).toMatchObject({ devices: [], temperatures: [] });
  });
});

describe('on files that lie', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sag-host-'));
    mkdirSync(join(root, 'net'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const liar = (): Host => opened({ procRoot: root, sysRoot: root, diskPath: join(root, 'none') });

  test('missing files are absent values and counted problems, ever more rarely tried', () => {
    const host = liar();
    expect(host.sample(0)).toEqual({
      atMs: 0,
      devices: [],
      temperatures: [],
      problems: { cpu: 1, memory: 1, disk: 1, uptime: 1, devices: 1, temperature: 0 },
    });
    for (let look = 1; look < 1_000; look += 1) host.sample(look);
    expect(host.sample(1_000).problems.cpu).toBeLessThan(25);
  });

  test('a file that appears later is found', () => {
    const host = liar();
    host.sample(0);
    put('uptime', '12.50 1.00\n');
    host.sample(1);
    expect(host.sample(2).uptimeS).toBe(12.5);
  });

  test('binary noise, endless lines and cut lines are absent, never an exception', () => {
    put(
      'stat',
      Uint8Array.from({ length: 4_096 }, (_, index) => (index * 151) & 0xff),
    );
    put('meminfo', 'M'.repeat(1_000_000));
    put('uptime', '9'.repeat(100_000));
    put('net/dev', `${HEADINGS}${'x'.repeat(300_000)}`);
    const metrics = liar().sample(0);
    expect(metrics).toEqual({
      atMs: 0,
      devices: [],
      temperatures: [],
      problems: { cpu: 1, memory: 1, disk: 1, uptime: 1, devices: 1, temperature: 0 },
    });
  });

  test('a folder in the place of a file is a problem', () => {
    mkdirSync(join(root, 'stat'));
    expect(liar().sample(0).problems.cpu).toBe(1);
  });

  test('a pipe in the place of a file holds nobody up', (ctx) => {
    try {
      execFileSync('mkfifo', [join(root, 'stat')]);
    } catch (error) {
      if (process.env['CI'] !== undefined) throw error;
      return ctx.skip('mkfifo(1) is not installed');
    }
    expect(liar().sample(0).problems.cpu).toBe(1);
  });

  test('more devices than the buffer holds are cut, and the cut is counted', () => {
    const lines = Array.from(
      { length: 9_000 },
      (_, index) => `veth${index}: 1${ZEROS} 2${ZEROS}\n`,
    );
    put('net/dev', HEADINGS + lines.join(''));
    const { devices, problems } = liar().sample(0);
    expect(devices.length).toBeGreaterThan(1_000);
    expect(devices.length).toBeLessThan(9_000);
    expect(problems.devices).toBe(1);
  });

  test('sensors are named by what the kernel calls them, and twins are told apart', () => {
    for (const zone of ['thermal_zone0', 'thermal_zone1']) {
      put(`class/thermal/${zone}/type`, 'cpu-thermal\n');
      put(`class/thermal/${zone}/temp`, '41000\n');
    }
    put('class/hwmon/hwmon0/name', 'core\u0007temp\n');
    put('class/hwmon/hwmon0/temp2_input', '-273150\n');
    put('class/hwmon/hwmon0/temp1_input', '55500\n');
    put('class/hwmon/hwmon0/temp1_label', 'Core 0\n');
    const { temperatures, problems } = liar().sample(0);
    expect(temperatures).toEqual([
      { sensor: 'cpu-thermal', milliCelsius: 41_000 },
      { sensor: 'cpu-thermal #2', milliCelsius: 41_000 },
      { sensor: 'core temp Core 0', milliCelsius: 55_500 },
    ]);
    expect(problems.temperature).toBe(1);
  });
});
