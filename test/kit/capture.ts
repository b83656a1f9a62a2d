/**
 * What crosses a device, written to a file by somebody else's program.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { insideNetns } from '../../sim/lab/command.ts';
import { waitUntil } from '../../sim/lab/wait-until.ts';

export interface Capture {
  readonly path: string;
  stop(): Promise<void>;
}

const START_MS_MAX = 15_000;
/** Enough to see everything once, little enough to be read in a second. */
const PACKETS_MAX = '5000';

/** Why nothing can be captured here; undefined when it can. */
export function captureMissing(): string | undefined {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `tshark does not run here: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
  }
}

/** Resolves once UDP packets of a port are being written. */
export async function capturePort(
  netnsPath: string,
  at: { readonly deviceName: string; readonly port: number },
  path: string,
): Promise<Capture> {
  // dumpcap is what tshark captures with, without the decoding.
  const filter = ['-i', at.deviceName, '-f', `udp port ${at.port}`, '-c', PACKETS_MAX];
  const argv = insideNetns(['dumpcap', '-q', '-P', ...filter, '-w', path], netnsPath);
  const [file = '', ...words] = argv;
  const dumpcap = spawn(file, words, { stdio: 'ignore' });
  const ended = once(dumpcap, 'exit');
  await waitUntil('dumpcap writes', START_MS_MAX, () =>
    existsSync(path) && statSync(path).size > 0 ? true : undefined,
  );
  return {
    path,
    stop: async () => {
      dumpcap.kill('SIGINT');
      await ended;
    },
  };
}
