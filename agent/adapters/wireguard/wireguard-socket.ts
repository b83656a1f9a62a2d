/**
 * The control socket of one `wireguard-go`: where it is and whether it may be asked.
 *
 * `wg` deletes a socket that refuses it (wireguard-tools, `ipc-uapi-unix.h`), even that of a daemon which has bound it
 * and does not listen yet; the daemon then ends. A connection of ours harms nobody, so it goes first.
 */
import { unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';

/** As both programs have it; the same place for all network namespaces. */
function socketPath(deviceName: string): string {
  return `/var/run/wireguard/${deviceName}.sock`;
}

/** Whether a daemon listens for this device, so that `wg` does no harm. */
export async function isListening(deviceName: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath(deviceName));
    const end = (listens: boolean): void => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Without its socket a `wireguard-go` of a former run ends by itself. */
export async function removeSocket(deviceName: string): Promise<void> {
  await unlink(socketPath(deviceName)).catch(() => undefined);
}
