/**
 * Which temperature sensors this machine has: thermal zones, and the inputs of hardware monitors.
 *
 * Looked for once. What the kernel calls a sensor is its name; two of one name are told apart by a number.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface SensorFile {
  readonly sensor: string;
  readonly path: string;
}

/** Each sensor costs a read a sample, and on slow buses far more than a file in memory. */
const SENSORS_MAX = 16;
const NAME_CHARACTERS_MAX = 40;

export function sensorFiles(sysRoot: string): readonly SensorFile[] {
  const files = [
    ...thermalZones(`${sysRoot}/class/thermal`),
    ...monitors(`${sysRoot}/class/hwmon`),
  ];
  const seen = new Map<string, number>();
  return files.slice(0, SENSORS_MAX).map(({ sensor, path }) => {
    const count = (seen.get(sensor) ?? 0) + 1;
    seen.set(sensor, count);
    return { sensor: count === 1 ? sensor : `${sensor} #${count}`, path };
  });
}

function thermalZones(directory: string): readonly SensorFile[] {
  return entries(directory, /^thermal_zone[0-9]+$/).map((zone) => ({
    sensor: nameIn(`${directory}/${zone}/type`) ?? zone,
    path: `${directory}/${zone}/temp`,
  }));
}

function monitors(directory: string): readonly SensorFile[] {
  return entries(directory, /^hwmon[0-9]+$/).flatMap((monitor) => {
    const name = nameIn(`${directory}/${monitor}/name`) ?? monitor;
    return entries(`${directory}/${monitor}`, /^temp[0-9]+_input$/).map((input) => {
      const channel = input.replace('_input', '');
      const label = nameIn(`${directory}/${monitor}/${channel}_label`) ?? channel;
      return { sensor: `${name} ${label}`, path: `${directory}/${monitor}/${input}` };
    });
  });
}

/** In the order of their numbers, so that names stay the same from start to start. */
function entries(directory: string, form: RegExp): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((entry) => form.test(entry))
      .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  } catch {
    // Virtual machines and small boards have no such folder.
    return [];
  }
}

/** Firmware writes these names: visible ASCII only, and not much of it. */
function nameIn(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'latin1')
      .replaceAll(/[^\x20-\x7e]/g, ' ')
      .trim();
    return text === '' ? undefined : text.slice(0, NAME_CHARACTERS_MAX);
  } catch {
    return undefined;
  }
}
