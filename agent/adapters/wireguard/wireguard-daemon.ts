/**
 * How `wireguard-go` is started: in the foreground, so that it is ours to watch.
 */
import { EngineDaemon } from '../engine/engine-daemon.ts';

export function startWireGuardGo(
  deviceName: string,
  netnsPath: string | undefined,
  onDied: (why: string) => void,
): EngineDaemon {
  // `-f` keeps it ours; its environment variable of the same meaning makes it start itself without end.
  const { WG_PROCESS_FOREGROUND: _, ...env } = process.env;
  return EngineDaemon.start({ argv: ['wireguard-go', '-f', deviceName], netnsPath, env }, onDied);
}
