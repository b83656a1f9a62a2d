/**
 * The wire of a pty board: a pseudo terminal whose slave a host opens as its serial port, under a symlink
 * that stays the same while the pty behind it changes.
 */
import { closeSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { loadNative } from '../../firmware-shim/adapters/native.ts';

/** A UART has no memory: what nobody reads is lost rather than delivered to whoever opens the port next. */
const UNSENT_BYTES_MAX = 4_096;

interface Plugged {
  readonly master: ReadStream;
  /** Held open, or the master would read EIO between two hosts. */
  readonly slaveFd: number;
  readonly slavePath: string;
}

export class PtyLine {
  readonly #linkPath: string;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #plugged: Plugged | undefined;

  constructor(linkPath: string, onBytes: (bytes: Uint8Array) => void) {
    this.#linkPath = linkPath;
    this.#onBytes = onBytes;
  }

  /** Path of the slave behind the symlink; undefined while unplugged. */
  get slavePath(): string | undefined {
    return this.#plugged?.slavePath;
  }

  plug(): void {
    if (this.#plugged !== undefined) return;
    const { masterFd, slaveFd, slavePath } = loadNative().pty();
    // A master is a terminal to Node, readable and writable.
    const master = new ReadStream(masterFd);
    this.#plugged = { master, slaveFd, slavePath };
    master.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    // The pty is gone: the same as an adapter that is pulled.
    master.on('error', () => this.unplug());
    const fresh = `${this.#linkPath}.${process.pid}`;
    rmSync(fresh, { force: true });
    symlinkSync(slavePath, fresh);
    renameSync(fresh, this.#linkPath);
  }

  unplug(): void {
    const plugged = this.#plugged;
    if (plugged === undefined) return;
    this.#plugged = undefined;
    rmSync(this.#linkPath, { force: true });
    plugged.master.destroy();
    closeSync(plugged.slaveFd);
  }

  write(bytes: Uint8Array): void {
    const master = this.#plugged?.master;
    if (master === undefined || master.writableLength > UNSENT_BYTES_MAX) return;
    master.write(bytes);
  }
}
