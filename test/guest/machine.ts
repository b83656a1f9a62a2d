/**
 * Runs QEMU once, in software, and hears the lines the guest says about itself on its serial console.
 *
 * The guest's clock counts instructions and leaps over idleness (`-icount … sleep=off`): a busy host makes a run
 * longer and changes little in it, and two quiet minutes cost some seconds.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { GuestLine } from './guest-line.ts';
import type { Image } from './image.ts';
import type { Packages } from './packages.ts';

export interface GuestRun {
  readonly lines: readonly GuestLine[];
  /** The end of everything that was on the console, each line with its second of the host's clock. */
  readonly console: string;
  readonly wallMs: number;
  /** The watchdog ended it. */
  readonly overdue: boolean;
}

const MARK = '@guest ';
const MEMORY_MB = 1_024;
/** One instruction is 2^0 ns, which makes the guest a swift machine by its own clock. */
const CLOCK = 'shift=0,sleep=off';
/** Enough to see how it ended; the file has it all. */
const CONSOLE_CHARS_KEPT = 4_000;

/** What runs first in the guest: the stories, or systemd. */
export type FirstProgram = '/init' | '/usr/lib/systemd/systemd';

/** Ends by itself, by its own reboot, or by the watchdog after `wallMsMax`. */
export async function runGuest(
  packages: Packages,
  image: Image,
  folder: string,
  wallMsMax: number,
  first: FirstProgram = '/init',
): Promise<GuestRun> {
  const startedAtMs = performance.now();
  const sinceStartMs = (): number => performance.now() - startedAtMs;
  const words = argumentsOf(packages, image, first);
  const child = spawn(packages.need('/usr/bin/qemu-system-x86_64'), words, {
    env: packages.environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const consoleFile = join(folder, first === '/init' ? 'console.txt' : 'console-systemd.txt');
  writeFileSync(consoleFile, '');
  let console = '';
  const lines: GuestLine[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      const stamped = `${(sinceStartMs() / 1_000).toFixed(1).padStart(6)} ${line}\n`;
      appendFileSync(consoleFile, stamped);
      console = (console + stamped).slice(-CONSOLE_CHARS_KEPT);
      if (line.startsWith(MARK)) lines.push(JSON.parse(line.slice(MARK.length)) as GuestLine);
    });
  }
  let overdue = false;
  const watchdog = setTimeout(() => {
    overdue = true;
    child.kill('SIGKILL');
  }, wallMsMax);
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  }).finally(() => {
    clearTimeout(watchdog);
    process.removeListener('exit', endWithUs);
  });
  return { lines, console, wallMs: sinceStartMs(), overdue };
}

function argumentsOf(packages: Packages, image: Image, first: FirstProgram): readonly string[] {
  const firmware = ['/usr/share/qemu', '/usr/share/seabios'].flatMap((path) => [
    '-L',
    packages.need(path),
  ]);
  const lonely = ['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'];
  // Where no time is judged the machine needs no clock of its own, and is twice as fast.
  const clock = first === '/init' ? ['-icount', CLOCK] : [];
  const emulated = ['-accel', 'tcg', '-cpu', 'max', '-m', `${MEMORY_MB}`, ...clock];
  const system = ['-kernel', image.kernel, '-initrd', image.archive];
  const log = 'systemd.log_target=console systemd.log_level=notice systemd.show_status=0';
  const words = `console=ttyS0 quiet panic=-1 random.trust_cpu=on rdinit=${first} ${log}`;
  return [...lonely, ...emulated, ...firmware, ...system, '-append', words];
}
