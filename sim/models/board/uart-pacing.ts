/**
 * One direction of a UART: bytes take the time their baud rate needs, and arrive a handful at a time, as from a FIFO.
 */

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** A UART raises its interrupt when this many bytes have come, or when no more do. */
const FIFO_BYTES = 16;
/** What waits beyond this is lost, as in a driver's buffer that nobody empties. */
const WAITING_BYTES_MAX = 65_536;

export class UartPacing {
  #baudRate: number | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  /** When the bytes at the head began to move. */
  #movingSinceMs = 0;

  /** Undefined for a line that takes no time. */
  setBaudRate(baudRate: number | undefined): void {
    this.#baudRate = baudRate;
  }

  get baudRate(): number | undefined {
    return this.#baudRate;
  }

  get droppedBytes(): number {
    return this.#dropped;
  }

  offer(bytes: Uint8Array, nowMs: number): void {
    if (this.#waitingBytes + bytes.length > WAITING_BYTES_MAX) {
      this.#dropped += bytes.length;
      return;
    }
    if (this.#waitingBytes === 0) this.#movingSinceMs = nowMs;
    for (let at = 0; at < bytes.length; at += FIFO_BYTES) {
      this.#waiting.push(bytes.slice(at, at + FIFO_BYTES));
    }
    this.#waitingBytes += bytes.length;
  }

  /** When the next bytes have arrived. */
  get dueAtMs(): number | undefined {
    const head = this.#waiting[0];
    return head === undefined ? undefined : this.#movingSinceMs + this.#takesMs(head);
  }

  /** The bytes that have arrived by now. */
  take(nowMs: number): readonly Uint8Array[] {
    const arrived: Uint8Array[] = [];
    for (let dueAtMs = this.dueAtMs; dueAtMs !== undefined && dueAtMs <= nowMs; ) {
      const head = this.#waiting.shift();
      if (head === undefined) break;
      this.#waitingBytes -= head.length;
      this.#movingSinceMs = dueAtMs;
      arrived.push(head);
      dueAtMs = this.dueAtMs;
    }
    return arrived;
  }

  #takesMs(bytes: Uint8Array): number {
    if (this.#baudRate === undefined) return 0;
    return (bytes.length * BITS_PER_BYTE * 1_000) / this.#baudRate;
  }
}
