/**
 * A TCP connection over one path of the wide area, as its two ends notice it: everything arrives in order
 * and once, but late when packets are lost, and not at all while the path is broken.
 *
 * A direction whose oldest message has been stuck for too long makes the connection dead; who notices and
 * what it then says is left to the owner.
 */
import type { Direction, NetworkPath } from '../../world/network.ts';
import type { World } from '../../world/world.ts';

/** A retransmission time-out of TCP at its usual floor (RFC 6298 allows less than a second in practice). */
const RETRANSMIT_MS = 200;
/** More messages under way than this in one direction: the sender does not wait for acknowledgements. */
const UNDER_WAY_MAX = 4_096;

export interface AccessStreamOptions {
  readonly world: World;
  readonly path: NetworkPath;
  /** Whether packets can leave and enter through the branch's uplink now. */
  readonly uplinkCarries: () => boolean;
  /** A message stuck for longer than this ends the connection. */
  readonly deadAfterMs: number;
  readonly onDead: () => void;
}

interface Segment {
  readonly why: string;
  readonly deliver: () => void;
  readonly sinceMs: number;
}

export class AccessStream {
  readonly #options: AccessStreamOptions;
  readonly #waiting: Readonly<Record<Direction, Segment[]>> = { out: [], in: [] };
  #open = true;

  constructor(options: AccessStreamOptions) {
    this.#options = options;
  }

  send(direction: Direction, why: string, deliver: () => void): void {
    if (!this.#open) return;
    const queue = this.#waiting[direction];
    if (queue.length >= UNDER_WAY_MAX) {
      this.#die();
      return;
    }
    queue.push({ why, deliver, sinceMs: this.#options.world.nowMs });
    if (queue.length === 1) this.#carry(direction);
  }

  /** Nothing is delivered from now on. */
  close(): void {
    this.#open = false;
    this.#waiting.out.length = 0;
    this.#waiting.in.length = 0;
  }

  /** The oldest message sets out; what is behind it waits, as bytes of a stream do. */
  #carry(direction: Direction): void {
    const { world, path, uplinkCarries, deadAfterMs } = this.#options;
    const [segment] = this.#waiting[direction];
    if (segment === undefined) return;
    if (world.nowMs - segment.sinceMs > deadAfterMs) {
      this.#die();
      return;
    }
    const travelMs = uplinkCarries() ? path.traverse() : undefined;
    const afterMs = travelMs ?? RETRANSMIT_MS;
    world.after(afterMs, `tcp ${path.id} ${direction} ${segment.why}`, () => {
      if (!this.#open) return;
      if (travelMs !== undefined && uplinkCarries()) {
        this.#waiting[direction].shift();
        segment.deliver();
      }
      if (this.#open) this.#carry(direction);
    });
  }

  #die(): void {
    if (!this.#open) return;
    this.close();
    this.#options.world.after(0, 'tcp dead', this.#options.onDead);
  }
}
