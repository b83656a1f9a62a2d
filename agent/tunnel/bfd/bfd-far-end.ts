/**
 * What a session knows of its far end: what it last said, and when.
 */
import { type BfdPacket, type BfdState, CONCATENATED_PATH_DOWN } from './bfd-packet.ts';
import { type BfdPeer, peerOf } from './bfd-timing.ts';

export class BfdFarEnd {
  #heard: BfdPacket | undefined;
  #peer: BfdPeer | undefined;
  #state: BfdState = 'Down';
  #diagnostic = 0;
  #heardAtMs: number | undefined;

  /** Undefined before its first packet, and after a Detection Time without one. */
  get peer(): BfdPeer | undefined {
    return this.#peer;
  }

  get state(): BfdState {
    return this.#state;
  }

  get diagnostic(): number {
    return this.#diagnostic;
  }

  get heardAtMs(): number | undefined {
    return this.#heardAtMs;
  }

  /** It is Up, and knows of a broken link below: its packets miss for a reason that is known (section 6.8.17). */
  get hasBrokenLink(): boolean {
    return this.#state === 'Up' && this.#diagnostic === CONCATENATED_PATH_DOWN;
  }

  learn(packet: BfdPacket, nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#state = packet.state;
    this.#diagnostic = packet.diagnostic;
    // The far end mostly says the same again and again.
    if (packet !== this.#heard || this.#peer === undefined) this.#peer = peerOf(packet);
    this.#heard = packet;
  }

  /** Section 6.8.1, bfd.RemoteDiscr: set to zero once a Detection Time has passed without a valid packet. */
  forget(): void {
    this.#peer = undefined;
    this.#state = 'Down';
  }
}
