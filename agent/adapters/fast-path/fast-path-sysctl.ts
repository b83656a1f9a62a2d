/**
 * Turns `net.ipv4.nexthop_compat_mode` off, so that replacing a nexthop group costs the same for any number of
 * routes: with it on the kernel tells every listener about every route again.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { runCommand } from '../engine/engine-command.ts';

const PATH = '/proc/sys/net/ipv4/nexthop_compat_mode';

/** Returns '' when it is off now, or else why it stays on, which only makes a failover with many routes slower. */
export async function turnNexthopCompatOff(netnsPath: string | undefined): Promise<string> {
  // The file shows the namespace of whoever opens it, so another namespace needs a process in there.
  if (netnsPath !== undefined) {
    const result = await runCommand(['tee', PATH], { netnsPath, input: '0\n' });
    return result.ok ? '' : result.complaint;
  }
  try {
    if ((await readFile(PATH, 'utf8')).trim() !== '0') await writeFile(PATH, '0\n');
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
