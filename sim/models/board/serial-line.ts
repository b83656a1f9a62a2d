/**
 * The wire between host and board: bytes take the time their baud rate needs, arrive in odd chunks, and may
 * be flipped by noise. It can be unplugged and plugged in again like a USB serial adapter.
 *
 * The host's end keeps the promises of `BytePipe`; the board's end is always there, because the MCU has its
 * UART whether or not anyone listens.
 */
import type { SeededRandom } from '../../../firmware-shim/base/random.ts';
import type { BytePipe, BytePipeListener } from '../../../firmware-shim/ports.ts';
import type { World } from '../../world/world.ts';

export interface SerialLineOptions {
  readonly baudRate: number;
  /** How often a byte is flipped on its way, in parts per million. */
  readonly noisePpm: number;
}

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** Opening a port takes the operating system about this long. */
const OPEN_MS = 2;

export class SerialLine {
  readonly host: BytePipe;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #baudRate: number;
  readonly #busyUntilMs = { toHost: 0, toBoard: 0 };
  #noisePpm: number;
  #plugged = true;
  #listener: BytePipeListener | undefined;
  /** Hears how the opening under way ends. */
  #opener: BytePipeListener | undefined;
  #boardListener: ((bytes: Uint8Array) => void) | undefined;
  /** Counts openings, so that what was under way for a former one is not heard by the next. */
  #opening = 0;

  constructor(world: World, options: SerialLineOptions) {
    this.#world = world;
    this.#random = world.randomOf('serial line');
    this.#baudRate = options.baudRate;
    this.#noisePpm = options.noisePpm;
    this.host = {
      open: (listener) => this.#open(listener),
      write: (bytes) => this.#fromHost(bytes),
      close: () => this.#lose('closed'),
    };
  }

  /** The board's UART: what the host wrote. */
  onBoardBytes(listener: (bytes: Uint8Array) => void): void {
    this.#boardListener = listener;
  }

  /** The board writes; lost when nobody has the port open. */
  writeFromBoard(bytes: Uint8Array): void {
    const opening = this.#opening;
    this.#carry('toHost', bytes, (chunk) => {
      if (this.#plugged && opening === this.#opening) this.#listener?.onBytes(chunk);
    });
  }

  change(options: Partial<Pick<SerialLineOptions, 'noisePpm'>>): void {
    this.#noisePpm = options.noisePpm ?? this.#noisePpm;
  }

  unplug(): void {
    this.#plugged = false;
    this.#lose('unplugged');
  }

  plug(): void {
    this.#plugged = true;
  }

  #open(listener: BytePipeListener): void {
    this.#opening += 1;
    const opening = this.#opening;
    this.#opener = listener;
    this.#world.after(OPEN_MS, 'serial open', () => {
      if (opening !== this.#opening) return;
      this.#opener = undefined;
      if (!this.#plugged) {
        listener.onClosed('missing');
        return;
      }
      this.#listener = listener;
      listener.onOpen();
    });
  }

  #fromHost(bytes: Uint8Array): void {
    if (this.#listener === undefined) return;
    this.#carry('toBoard', bytes, (chunk) => {
      if (this.#plugged) this.#boardListener?.(chunk);
    });
  }

  #lose(why: string): void {
    const listener = this.#listener ?? this.#opener;
    this.#listener = undefined;
    this.#opener = undefined;
    this.#opening += 1;
    if (listener !== undefined) this.#world.after(0, 'serial closed', () => listener.onClosed(why));
  }

  /** Splits into two chunks at a drawn place, as a driver's buffer does. */
  #carry(way: 'toHost' | 'toBoard', bytes: Uint8Array, deliver: (chunk: Uint8Array) => void): void {
    const noisy = bytes.map((byte) => this.#disturb(byte));
    const cut = this.#random.u32() % (noisy.length + 1);
    for (const chunk of [noisy.slice(0, cut), noisy.slice(cut)]) {
      if (chunk.length === 0) continue;
      const takesMs = (chunk.length * BITS_PER_BYTE * 1_000) / this.#baudRate;
      const arrivesMs = Math.max(this.#busyUntilMs[way], this.#world.nowMs) + takesMs;
      this.#busyUntilMs[way] = arrivesMs;
      this.#world.at(arrivesMs, `serial ${way}`, () => deliver(chunk));
    }
  }

  #disturb(byte: number): number {
    if (this.#random.next() * 1_000_000 >= this.#noisePpm) return byte;
    return byte ^ (1 << (this.#random.u32() % 8));
  }
}
