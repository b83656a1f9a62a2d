/**
 * The traffic of the run: a host behind the branch sends an echo request at a steady beat to a host in the
 * VPC, and each request and reply goes wherever the routes of that very moment lead.
 *
 * What it measures is what a user notices: a traffic gap is the longest time between two consecutive
 * answers, the beat of the requests included.
 */

import type { World } from '../../world/world.ts';
import type { TunnelPath } from './network-path.ts';

/** UDP echo (RFC 862). */
const ECHO_PORT = 7;
const REQUEST_BYTES = 8;

export interface EchoFlowOptions {
  readonly world: World;
  readonly intervalMs: number;
  readonly paths: readonly TunnelPath[];
  /** The tunnel the branch routes a packet for the VPC into now. */
  readonly branchEgress: () => TunnelPath | undefined;
  /** The tunnel the far side routes a reply into now, given the one the request came through. */
  readonly farEgress: (arrivedOver: TunnelPath) => TunnelPath | undefined;
}

export class EchoFlow {
  readonly #options: EchoFlowOptions;
  readonly #answersAtMs: number[] = [];
  readonly #answered = new Set<number>();
  #sent = 0;
  #running = false;
  #heldSinceMs: number | undefined;
  /** Until here an unbroken row of answers is taken for granted. */
  #grantedUntilMs: number | undefined;

  constructor(options: EchoFlowOptions) {
    this.#options = options;
    for (const path of options.paths) {
      path.listen('hub', ECHO_PORT, (bytes) =>
        options.farEgress(path)?.send('hub', ECHO_PORT, bytes),
      );
      path.listen('branch', ECHO_PORT, (bytes) => this.#onReply(bytes));
    }
  }

  /** Between two requests. */
  get intervalMs(): number {
    return this.#options.intervalMs;
  }

  get sent(): number {
    return this.#sent;
  }

  get answered(): number {
    return this.#answered.size;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#send();
  }

  stop(): void {
    this.#running = false;
  }

  /** Nothing is sent until `release`: every echo meanwhile would have been answered as before. */
  hold(): void {
    this.#heldSinceMs ??= this.#options.world.nowMs;
  }

  release(): void {
    if (this.#heldSinceMs === undefined) return;
    this.#heldSinceMs = undefined;
    this.#grantedUntilMs = this.#options.world.nowMs;
    this.#send();
  }

  /** How many of the first `count` requests were never answered. */
  lostAmong(count: number): number {
    return count - [...this.#answered].filter((sequence) => sequence < count).length;
  }

  /** When the last answer came. */
  get lastAnswerAtMs(): number | undefined {
    const { nowMs } = this.#options.world;
    if (this.#heldSinceMs !== undefined) return nowMs;
    const lastMs = this.#answersAtMs.at(-1);
    if (this.#grantedUntilMs === undefined) return lastMs;
    return Math.max(lastMs ?? 0, this.#grantedUntilMs);
  }

  /** The longest time between two consecutive answers that overlaps the span. */
  longestGapMs(fromMs: number, untilMs: number): number {
    let longestMs = 0;
    let beforeMs: number | undefined;
    for (const atMs of this.#answersAtMs) {
      if (beforeMs !== undefined && atMs >= fromMs && beforeMs <= untilMs) {
        longestMs = Math.max(longestMs, atMs - beforeMs);
      }
      beforeMs = atMs;
    }
    return longestMs;
  }

  #send(): void {
    if (!this.#running || this.#heldSinceMs !== undefined) return;
    const { world, intervalMs, branchEgress } = this.#options;
    const bytes = new Uint8Array(REQUEST_BYTES);
    new DataView(bytes.buffer).setUint32(0, this.#sent);
    this.#sent += 1;
    branchEgress()?.send('branch', ECHO_PORT, bytes);
    world.after(intervalMs, 'echo request', () => this.#send());
  }

  #onReply(bytes: Uint8Array): void {
    const sequence = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    if (this.#answered.has(sequence)) return;
    this.#answered.add(sequence);
    this.#answersAtMs.push(this.#options.world.nowMs);
  }
}
