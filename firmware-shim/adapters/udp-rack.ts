/**
 * Many UDP sockets read together: one wake-up and one call of the addon for everything that waits in them.
 *
 * A burst is a row of datagrams with a header before each (`native/udp-rack.c`), in the machine's byte order: the key
 * of its socket, the port it came from, and its length, which is a negative errno when the socket broke.
 */
import { endianness } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { loadNative, type NativeShim, type NativeUdpRack } from './native.ts';

export interface UdpListener {
  /** `bytes` stay as they are: nobody writes there again. */
  onDatagram(bytes: Uint8Array, fromPort: number): void;
  /** The socket cannot be read any more; `code` is an errno name. */
  onFailed(code: string): void;
}

const HEADER_BYTES = 12;
const LITTLE_ENDIAN = endianness() === 'LE';

export class UdpRack {
  readonly #native: NativeShim = loadNative();
  readonly #rack: NativeUdpRack;
  /** By key. */
  readonly #listeners: (UdpListener | undefined)[] = [];
  /** Keys to be given again, not before the burst is over that may still name them. */
  readonly #free: number[] = [];
  #left: number[] = [];

  /** `onReadable` is called when something waits, until `read` has found nothing more. */
  constructor(onReadable: () => void) {
    this.#rack = this.#native.udpRack(onReadable);
  }

  /** Listens to a descriptor and owns it; returns what closes it. No handler is called afterwards. */
  add(fd: number, listener: UdpListener): () => void {
    const key = this.#free.pop() ?? this.#listeners.length;
    this.#listeners[key] = listener;
    let open = true;
    const close = (): void => {
      if (!open) return;
      open = false;
      this.#listeners[key] = undefined;
      this.#left.push(key);
      this.#native.udpClose(fd);
    };
    try {
      this.#rack.add(fd, key);
    } catch (error) {
      close();
      throw error;
    }
    return close;
  }

  /** Hands on some of what waits and returns how many datagrams that were; 0 means that nothing waits. */
  read(): number {
    const burst = this.#rack.read();
    const view = new DataView(burst.buffer, burst.byteOffset, burst.byteLength);
    let count = 0;
    for (let at = 0; at < burst.byteLength; count += 1) {
      const listener = this.#listeners[view.getUint32(at, LITTLE_ENDIAN)];
      const fromPort = view.getUint32(at + 4, LITTLE_ENDIAN);
      const length = view.getInt32(at + 8, LITTLE_ENDIAN);
      at += HEADER_BYTES;
      if (length < 0) listener?.onFailed(getSystemErrorName(length));
      else {
        const bytes = new Uint8Array(burst.buffer, burst.byteOffset + at, length);
        listener?.onDatagram(bytes, fromPort);
        at += length;
      }
    }
    this.#free.push(...this.#left);
    this.#left = [];
    return count;
  }

  /** The sockets in it must be closed before. */
  close(): void {
    this.#rack.close();
  }
}
