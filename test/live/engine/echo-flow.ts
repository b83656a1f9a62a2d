/**
 * A numbered UDP packet every few milliseconds from the branch to behind the hub and back: how many were lost.
 */
import { createSocket, type Socket } from 'node:dgram';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import type { ScratchNetns } from '../../kit/scratch-netns.ts';

const PORT = 7_017;

export interface FlowCount {
  readonly sent: number;
  readonly lost: number;
}

export class EchoFlow {
  readonly #echo: Socket;
  readonly #probe: Socket;
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<number>();
  #sent = 0;

  constructor(
    from: { readonly netns: ScratchNetns; readonly address: string },
    to: { readonly netns: ScratchNetns; readonly address: string },
    everyMs: number,
  ) {
    this.#echo = socketIn(to.netns, to.address);
    this.#echo.on('message', (bytes, peer) => this.#echo.send(bytes, peer.port, peer.address));
    this.#probe = socketIn(from.netns, from.address);
    this.#probe.on('message', (bytes) => this.#open.delete(bytes.readUInt32BE(0)));
    this.#timer = setInterval(() => {
      const packet = Buffer.alloc(64);
      packet.writeUInt32BE(this.#sent, 0);
      this.#open.add(this.#sent);
      this.#sent += 1;
      this.#probe.send(packet, PORT, to.address, () => undefined);
    }, everyMs);
  }

  /** Waits until so many more were sent. */
  async more(packets: number): Promise<void> {
    const until = this.#sent + packets;
    while (this.#sent < until) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  count(): FlowCount {
    return { sent: this.#sent, lost: this.#open.size };
  }

  /** Stops sending and lets the last ones come home. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await new Promise((resolve) => setTimeout(resolve, HOME_MS));
    this.#probe.close();
    this.#echo.close();
  }
}

const HOME_MS = 500;

function socketIn(netns: ScratchNetns, address: string): Socket {
  const fd = loadNative().udpSocket({ netnsPath: netns.path, address, port: PORT });
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind({ fd });
  return socket;
}
