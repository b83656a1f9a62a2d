/**
 * The wire of a pty board: a pseudo terminal whose slave a host opens as its serial port, under a symlink
 * that stays the same while the pty behind it changes.
 */
import { closeSync, renameSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { loadNative } from '../../firmware-shim/adapters/native.ts';

interface Plugged {
  readonly master: ReadStream;
  readonly masterFd: number;
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
    const master = new ReadStream(masterFd);
    this.#plugged = { master, masterFd, slaveFd, slavePath };
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

  /**
   * Writes past the stream: Node writes to a pty master in blocking mode and would stop for good once nobody
   * reads. Like a UART this line has no memory, so what does not fit is lost.
   */
  write(bytes: Uint8Array): void {
    if (this.#plugged === undefined) return;
    try {
      writeSync(this.#plugged.masterFd, bytes);
    } catch (error) {
      if (!isErrno(error, 'EAGAIN')) this.unplug();
    }
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
