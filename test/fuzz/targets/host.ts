/**
 * The parsers of /proc and /sys; the first byte says which.
 *
 * Property: absent, or figures that a kernel printing them would have printed.
 */
import { parseCpuTimes } from '../../../firmware-shim/host/parse-cpu-times.ts';
import {
  type DeviceCounters,
  parseDeviceCounters,
} from '../../../firmware-shim/host/parse-device-counters.ts';
import { parseMemory } from '../../../firmware-shim/host/parse-memory.ts';
import { parseTemperature } from '../../../firmware-shim/host/parse-temperature.ts';
import { parseUptime } from '../../../firmware-shim/host/parse-uptime.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';

const READERS: readonly ((bytes: Uint8Array) => string)[] = [
  checkCpu,
  checkMemory,
  checkUptime,
  checkTemperature,
  checkDevices,
];
const LINES_PER_BYTE = 1;
const HEADINGS = 'Inter-|\n face |\n';

const encoder = new TextEncoder();

export const host: FuzzTarget = {
  bytesMax: 4_096,
  dictionary: [
    'cpu  ',
    'cpu0 ',
    'MemTotal:',
    'MemAvailable:',
    ' kB\n',
    '|',
    'wan1:',
    '\n',
    ' 18446744073709551615',
    ' -1',
    '\t',
    '0000000000000000000000000',
  ],
  check: (input) => {
    const reader = READERS[(input[0] ?? 0) % READERS.length] ?? checkCpu;
    return reader(input.subarray(1));
  },
};

function checkCpu(bytes: Uint8Array): string {
  const times = parseCpuTimes(bytes);
  if (times === undefined) return 'cpu: absent';
  // Sums of rounded counters need not be writable as digits again.
  if (Number.isSafeInteger(times.busyTicks) && Number.isSafeInteger(times.idleTicks)) {
    const text = `cpu  ${times.busyTicks} 0 0 ${times.idleTicks}\n`;
    holdEqual(parseCpuTimes(encoder.encode(text)), times, 'processor times did not survive');
  }
  return 'cpu: accepted';
}

function checkMemory(bytes: Uint8Array): string {
  const memory = parseMemory(bytes);
  if (memory === undefined) return 'memory: absent';
  hold(memory.totalKib > 0 && memory.availableKib <= memory.totalKib, 'memory makes no sense');
  return 'memory: accepted';
}

function checkUptime(bytes: Uint8Array): string {
  const uptimeS = parseUptime(bytes);
  if (uptimeS === undefined) return 'uptime: absent';
  const again = parseUptime(encoder.encode(`${uptimeS.toFixed(2)} 0.00\n`));
  holdEqual(again, uptimeS, 'the uptime did not survive');
  return 'uptime: accepted';
}

function checkTemperature(bytes: Uint8Array): string {
  const milliCelsius = parseTemperature(bytes);
  if (milliCelsius === undefined) return 'temperature: absent';
  const again = parseTemperature(encoder.encode(`${milliCelsius}\n`));
  holdEqual(again, milliCelsius, 'a temperature did not survive');
  return 'temperature: accepted';
}

function checkDevices(bytes: Uint8Array): string {
  const table = parseDeviceCounters(bytes);
  if (table === undefined) return 'devices: absent';
  const { devices, badLines } = table;
  hold(devices.size + badLines <= bytes.length * LINES_PER_BYTE, 'there are more lines than bytes');
  const lines: string[] = [];
  for (const [name, counters] of devices) {
    const values = Object.values(counters) as readonly number[];
    hold(
      values.every((value) => value >= 0 && Number.isFinite(value)),
      `${name} counts nonsense`,
    );
    if (!values.every(Number.isSafeInteger)) return 'devices: rounded';
    // A name in no known script is read as another one and may then be too long.
    if (name.includes('\ufffd')) return 'devices: strange name';
    lines.push(lineOf(name, counters));
  }
  const again = parseDeviceCounters(encoder.encode(HEADINGS + lines.join('')));
  holdEqual(again?.devices, devices, 'device counters did not survive');
  return badLines > 0 ? 'devices: accepted in part' : 'devices: accepted';
}

function lineOf(name: string, counters: DeviceCounters): string {
  const { rxBytes, rxPackets, rxDrops, txBytes, txPackets, txDrops } = counters;
  return `${name}: ${rxBytes} ${rxPackets} 0 ${rxDrops} 0 0 0 0 ${txBytes} ${txPackets} 0 ${txDrops} 0 0 0 0\n`;
}
