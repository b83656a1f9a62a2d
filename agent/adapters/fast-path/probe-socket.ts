/**
 * The UDP sockets inside one tunnel, on descriptors the native addon has prepared: bound to the
 * tunnel's address and device, TTL 255 out, and only TTL 255 in (GTSM, RFC 5082).
 */
import { randomInt } from 'node:crypto';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import type { ProbeSocket, ProbeSocketOptions } from '../../ports.ts';
import { STAMP_PORT } from '../../tunnel/quality/stamp-packet.ts';
import { BFD_PORT } from '../../wiring/fast-path-contract.ts';
import { adoptDatagramSocket, type DatagramSocket } from '../datagram-socket.ts';

export interface LiveProbeSocketOptions extends ProbeSocketOptions {
  readonly netnsPath?: string;
  /** The socket broke and is closed; `code` is an errno name. */
  readonly onFailed: (code: string) => void;
}

const GTSM_TTL = 255;
/** Class selector 6, as routing protocols use (RFC 4594 section 3.2). */
const TOS_NETWORK_CONTROL = 0xc0;
/** "The source port MUST be in the range 49152 through 65535" (RFC 5881 section 4). */
const SOURCE_PORTS = { from: 49_152, below: 65_536 } as const;
/** Each draw meets a taken port with a chance of a few in 16,384. */
const DRAWS_MAX = 8;

/** Throws an `Error` with an errno name as `code` when the address or device is not there (any more). */
export function openProbeSocket(options: LiveProbeSocketOptions): ProbeSocket {
  let closed = false;
  const sockets: DatagramSocket[] = [];
  const close = (): void => {
    if (closed) return;
    closed = true;
    for (const socket of sockets) socket.close();
  };
  const adopt = (fd: number): DatagramSocket => {
    const family = options.remoteAddress.includes(':') ? 'ipv6' : 'ipv4';
    const socket = adoptDatagramSocket(fd, family);
    sockets.push(socket);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (closed) return;
      close();
      options.onFailed(error.code ?? error.message);
    });
    return socket;
  };

  let remotePort = options.port;
  const receiver = adopt(openReceiverFd(options));
  receiver.on('message', (bytes, { port }) => {
    if (closed) return;
    // A STAMP sender may use any source port (RFC 8762 section 4.1), and is answered there.
    if (options.port === STAMP_PORT) remotePort = port;
    options.onPacket(bytes);
  });
  const sender = options.port === BFD_PORT ? adopt(openSourceFd(options)) : receiver;
  return {
    send: (bytes) => {
      // What cannot be sent is lost like any other packet: the far end notices the silence.
      if (!closed) sender.send(bytes, remotePort, options.remoteAddress, () => undefined);
    },
    close,
  };
}

/**
 * STAMP's port needs a privilege that an agent which only asks can do without: it then asks from a dynamic port.
 */
function openReceiverFd(options: LiveProbeSocketOptions): number {
  try {
    return openFd(options, options.port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (options.port !== STAMP_PORT || (code !== 'EACCES' && code !== 'EPERM')) throw error;
    return openSourceFd(options);
  }
}

/** BFD sends all packets of a session from one port of the dynamic range. */
function openSourceFd(options: LiveProbeSocketOptions): number {
  for (let draw = 1; ; draw += 1) {
    try {
      return openFd(options, randomInt(SOURCE_PORTS.from, SOURCE_PORTS.below));
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || draw >= DRAWS_MAX) throw error;
    }
  }
}

function openFd(options: LiveProbeSocketOptions, port: number): number {
  return loadNative().udpSocket({
    ...(options.netnsPath === undefined ? {} : { netnsPath: options.netnsPath }),
    address: options.localAddress,
    port,
    deviceName: options.deviceName,
    ttl: GTSM_TTL,
    tos: TOS_NETWORK_CONTROL,
    requireTtl: GTSM_TTL,
  });
}
