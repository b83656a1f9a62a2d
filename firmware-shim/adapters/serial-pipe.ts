/**
 * A serial port as a `BytePipe`: one attempt to open at a time, every way to fail with its own word.
 *
 * A path may be a symlink, such as one under /dev/serial/by-id: it is resolved at every opening, because the device
 * behind a stable name changes its number when it is plugged in again.
 *
 * The port is asked to be 8N1 without flow control: software flow control would eat bytes of binary frames.
 */
import { realpath } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import type { BytePipe, BytePipeListener } from '../ports.ts';
import { type PortOpener, safeBinding } from './safe-binding.ts';
import { openingFault, type SerialFault, serialPathFault } from './serial-pipe-fault.ts';

/** More than this unsent means nobody reads: writing on only fills memory, and the line above repeats. */
const UNSENT_BYTES_MAX = 64 * 1024;

/** The binding's type names every operating system it knows; ours is the one that polls a descriptor. */
const SAFE_BINDING = safeBinding(
  SerialPort.binding as Extract<typeof SerialPort.binding, PortOpener>,
);

export interface SerialPipeOptions {
  readonly path: string;
  readonly baudRate: number;
}

export function serialPipe({ path, baudRate }: SerialPipeOptions): BytePipe {
  let attempt: Attempt | undefined;
  return {
    open: (listener) => {
      attempt?.abandon();
      attempt = new Attempt(path, baudRate, listener);
    },
    write: (bytes) => attempt?.write(bytes),
    close: () => attempt?.close(),
  };
}

/** One opening of the port, from the look at its path to its end, which is told exactly once. */
class Attempt {
  readonly #path: string;
  #listener: BytePipeListener | undefined;
  #port: SerialPort | undefined;
  #closing = false;

  constructor(path: string, baudRate: number, listener: BytePipeListener) {
    this.#path = path;
    this.#listener = listener;
    void this.#open(baudRate);
  }

  write(bytes: Uint8Array): void {
    const port = this.#port;
    if (port === undefined || !port.isOpen || port.writableLength > UNSENT_BYTES_MAX) return;
    port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#port?.isOpen === true) this.#port.close();
  }

  /** Closes without a word: somebody opens anew. */
  abandon(): void {
    this.#listener = undefined;
    this.close();
  }

  async #open(baudRate: number): Promise<void> {
    const fault = await serialPathFault(this.#path);
    if (this.#closing) return this.#end({ why: 'closed', text: `${this.#path} was closed` });
    if (fault !== undefined) return this.#end(fault);
    // Gone between the look and here: opening the path itself then says so.
    const path = await realpath(this.#path).catch(() => this.#path);
    if (this.#closing) return this.#end({ why: 'closed', text: `${this.#path} was closed` });
    const options = { binding: SAFE_BINDING, path, baudRate, autoOpen: false };
    const port = new SerialPort(options);
    port.on('data', (bytes: Buffer) => this.#listener?.onBytes(bytes));
    port.on('error', () => this.#onGone(port));
    port.on('close', () => this.#onGone(port));
    port.open((error) => this.#onOpened(port, error));
  }

  #onOpened(port: SerialPort, error: Error | null | undefined): void {
    if (error !== null && error !== undefined) {
      this.#end(openingFault(this.#path, error.message));
    } else if (this.#closing) {
      port.close();
    } else {
      this.#port = port;
      this.#listener?.onOpen();
    }
  }

  #onGone(port: SerialPort): void {
    if (port.isOpen) port.close();
    if (this.#closing) this.#end({ why: 'closed', text: `${this.#path} was closed` });
    else this.#end({ why: 'unplugged', text: `${this.#path} went away while it was open` });
  }

  #end({ why, text }: SerialFault): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#closing = true;
    listener?.onClosed(why, text);
  }
}
