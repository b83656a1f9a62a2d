/**
 * The UDP sockets inside one tunnel, in the rack of all tunnels, on descriptors the native addon has prepared: bound
 * to the tunnel's address and device, TTL 255 out, and only TTL 255 in (GTSM, RFC 5082).
 */
import { randomInt } from 'node:crypto';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import type { UdpRack } from '../../../firmware-shim/adapters/udp-rack.ts';
import type { ProbeSocket, ProbeSocketOptions } from '../../ports.ts';
import { STAMP_PORT } from '../../tunnel/quality/stamp-packet.ts';
import { BFD_PORT } from '../../wiring/fast-path-contract.ts';

export interface LiveProbeSocketOptions extends ProbeSocketOptions {
  readonly rack: UdpRack;
  readonly netnsPath?: string;
  /** The socket broke and is closed; `code` is an errno name. */
  readonly onFailed: (code: string) => void;
}

const GTSM_TTL = 255;
/** No packet has it: what comes to a port that only sends is dropped before it takes room. */
const DEAF_TTL = 256;
/** Class selector 6, as routing protocols use (RFC 4594 section 3.2). */
const TOS_NETWORK_CONTROL = 0xc0;
/** "The source port MUST be in the range 49152 through 65535" (RFC 5881 section 4). */
const SOURCE_PORTS = { from: 49_152, below: 65_536 } as const;
/** Each draw meets a taken port with a chance of a few in 16,384. */
const DRAWS_MAX = 8;

/** Throws an `Error` with an errno name as `code` when the address or device is not there (any more). */
export function openProbeSocket(options: LiveProbeSocketOptions): ProbeSocket {
  const { rack, remoteAddress, port, onPacket, onFailed } = options;
  const native = loadNative();
  let remotePort = port;
  let destination = native.udpAddress(remoteAddress, remotePort);
  const receiver = openReceiverFd(options);
  const stopListening = rack.add(receiver, {
    onDatagram: (bytes, fromPort) => {
      // A STAMP sender may use any source port (RFC 8762 section 4.1), and is answered there.
      if (port === STAMP_PORT && fromPort !== remotePort) {
        remotePort = fromPort;
        destination = native.udpAddress(remoteAddress, remotePort);
      }
      onPacket(bytes);
    },
    onFailed: (code) => {
      close();
      onFailed(code);
    },
  });
  let sender: number | undefined;
  const close = (): void => {
    stopListening();
    if (sender !== undefined && sender !== receiver) native.udpClose(sender);
    sender = undefined;
  };
  try {
    sender = port === BFD_PORT ? openSourceFd(options, false) : receiver;
  } catch (error) {
    stopListening();
    throw error;
  }
  let connected = false;
  return {
    send: (bytes) => {
      // What cannot be sent is lost like any other packet: the far end notices the silence.
      if (sender === undefined) return;
      connected ||= sender !== receiver && native.udpConnect(sender, destination);
      if (connected) native.udpSend(sender, bytes);
      else native.udpSend(sender, bytes, destination);
    },
    close,
  };
}

/**
 * STAMP's port needs a privilege that an agent which only asks can do without: it then asks from a dynamic port.
 */
function openReceiverFd(options: LiveProbeSocketOptions): number {
  try {
    return openFd(options, options.port, true);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (options.port !== STAMP_PORT || (code !== 'EACCES' && code !== 'EPERM')) throw error;
    return openSourceFd(options, true);
  }
}

/** BFD sends all packets of a session from one port of the dynamic range. */
function openSourceFd(options: LiveProbeSocketOptions, hears: boolean): number {
  for (let draw = 1; ; draw += 1) {
    try {
      return openFd(options, randomInt(SOURCE_PORTS.from, SOURCE_PORTS.below), hears);
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || draw >= DRAWS_MAX) throw error;
    }
  }
}

function openFd(options: LiveProbeSocketOptions, port: number, hears: boolean): number {
  return loadNative().udpSocket({
    ...(options.netnsPath === undefined ? {} : { netnsPath: options.netnsPath }),
    address: options.localAddress,
    port,
    deviceName: options.deviceName,
    ttl: GTSM_TTL,
    tos: TOS_NETWORK_CONTROL,
    requireTtl: hears ? GTSM_TTL : DEAF_TTL,
  });
}
