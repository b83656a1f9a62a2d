/**
 * Packets that wait for their moment, bounded: a path that holds more than this has lost them.
 */
export interface ShelvedPacket<Place> {
  readonly place: Place;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/** A second of 20 Mbit/s in packets of 250 bytes: more than the lab ever sends. */
const SHELVED_MAX = 10_000;

export class PacketShelf<Place> {
  /** By their moment; among equals in the order they came. */
  readonly #packets: ShelvedPacket<Place>[] = [];

  put(place: Place, bytes: Uint8Array, atMs: number): void {
    if (this.#packets.length >= SHELVED_MAX) return;
    // Nearly every packet belongs at the end.
    let at = this.#packets.length;
    while (at > 0 && (this.#packets[at - 1]?.atMs ?? 0) > atMs) at -= 1;
    this.#packets.splice(at, 0, { place, bytes, atMs });
  }

  takeDue(nowMs: number): readonly ShelvedPacket<Place>[] {
    const notYet = this.#packets.findIndex(({ atMs }) => atMs > nowMs);
    return this.#packets.splice(0, notYet === -1 ? this.#packets.length : notYet);
  }
}
