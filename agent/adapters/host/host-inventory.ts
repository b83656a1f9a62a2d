/**
 * A few facts about the host for support, asked once at start.
 *
 * `systeminformation` starts child processes for them; whatever has not answered in time is left out. Nothing here
 * touches the network.
 */
import { readFileSync } from 'node:fs';
import { cpu, osInfo, system } from 'systeminformation';

/** Starting must not wait for `dmidecode` on a slow flash. */
const ANSWER_MS = 2_000;
/** A vendor string longer than this is not one. */
const TEXT_MAX = 80;

export async function readHost(): Promise<Readonly<Record<string, string>>> {
  const [os, machine, processor] = await Promise.all([
    inTime(osInfo()),
    inTime(system()),
    inTime(cpu()),
  ]);
  const facts: Readonly<Record<string, string | undefined>> = {
    os: os && `${os.distro} ${os.release}`,
    kernel: os?.kernel,
    architecture: os?.arch,
    machine: machine && `${machine.manufacturer} ${machine.model}`,
    cpu: processor && `${processor.manufacturer} ${processor.brand}`,
  };
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, text]) => {
      const plain = printable(text ?? '');
      return plain === '' ? [] : [[name, plain]];
    }),
  );
}

async function inTime<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ANSWER_MS);
  try {
    return await Promise.race([answer, promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Firmware vendors write what they like; a log line and a JSON document shall survive it. */
function printable(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim()
    .slice(0, TEXT_MAX);
}

/** Linux draws it anew at each start of the machine. */
export function machineBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
