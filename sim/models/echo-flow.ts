/**
 * The traffic of the run: a host behind the branch sends an echo request at a steady beat to a host in the
 * VPC, and each request and reply goes wherever the routes of that very moment lead.
 *
 * What it measures is what a user notices: how long nothing came back. A gap is the time between two
 * answered requests beyond the beat, counted by when they were sent.
 */

import type { World } from '../world/world.ts';
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

interface EchoRequest {
  readonly sentAtMs: number;
  answeredAtMs: number | undefined;
}

export class EchoFlow {
  readonly #options: EchoFlowOptions;
  readonly #requests: EchoRequest[] = [];
  #running = false;

  constructor(options: EchoFlowOptions) {
    this.#options = options;
    for (const path of options.paths) {
      path.listen('hub', ECHO_PORT, (bytes) =>
        options.farEgress(path)?.send('hub', ECHO_PORT, bytes),
      );
      path.listen('branch', ECHO_PORT, (bytes) => this.#onReply(bytes));
    }
  }

  get sent(): number {
    return this.#requests.length;
  }

  get answered(): number {
    return this.#requests.filter((request) => request.answeredAtMs !== undefined).length;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#send();
  }

  stop(): void {
    this.#running = false;
  }

  /** Whether a request sent since `sinceMs` has been answered. */
  answeredSince(sinceMs: number): boolean {
    return this.#requests.some(
      (request) => request.sentAtMs >= sinceMs && request.answeredAtMs !== undefined,
    );
  }

  /** The longest gap that ends after `fromMs` and begins before `untilMs`; 0 when every request was answered. */
  longestGapMs(fromMs: number, untilMs: number): number {
    let longestMs = 0;
    let lastMs: number | undefined;
    for (const request of this.#requests) {
      if (request.answeredAtMs === undefined) continue;
      if (lastMs !== undefined && request.sentAtMs > fromMs && lastMs < untilMs) {
        longestMs = Math.max(longestMs, request.sentAtMs - lastMs - this.#options.intervalMs);
      }
      lastMs = request.sentAtMs;
    }
    return longestMs;
  }

  #send(): void {
    if (!this.#running) return;
    const { world, intervalMs, branchEgress } = this.#options;
    const bytes = new Uint8Array(REQUEST_BYTES);
    new DataView(bytes.buffer).setUint32(0, this.#requests.length);
    this.#requests.push({ sentAtMs: world.nowMs, answeredAtMs: undefined });
    branchEgress()?.send('branch', ECHO_PORT, bytes);
    world.after(intervalMs, 'echo request', () => this.#send());
  }

  #onReply(bytes: Uint8Array): void {
    const sequence = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    const request = this.#requests[sequence];
    if (request !== undefined) request.answeredAtMs ??= this.#options.world.nowMs;
  }
}
