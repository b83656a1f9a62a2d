/**
 * The processes that carry tunnels in user space, found by the TUN devices they hold open.
 */
import { readdir, readlink, stat } from 'node:fs/promises';
import { tunDevicesOf } from '../../../agent/adapters/ipsec/charon-process.ts';
import { LabFailed } from '../command.ts';
import { type NamespaceName, netnsPath } from '../topology.ts';

/** Who carries this tunnel device. */
export async function carrierOf(deviceName: string, namespace: NamespaceName): Promise<number> {
  for (const pid of await engineProcesses(namespace)) {
    if ((await tunDevicesOf(pid)).includes(deviceName)) return pid;
  }
  throw new LabFailed(`nobody carries ${deviceName} in ${namespace}: is it the kernel?`);
}

/** All that carry tunnels in a namespace. */
export async function engineProcesses(namespace: NamespaceName): Promise<readonly number[]> {
  const { ino } = await stat(netnsPath(namespace));
  const home = `net:[${ino}]`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  for (const pid of pids) {
    if (pid === process.pid) continue;
    const net = await readlink(`/proc/${pid}/ns/net`).catch(() => '');
    if (net === home && (await tunDevicesOf(pid)).length > 0) found.push(pid);
  }
  return found;
}
