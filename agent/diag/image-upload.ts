/**
 * A file that comes over the control socket in parts, in order, and never more of it than a firmware image may have.
 */
import { IMAGE_BYTES_MAX } from '../../firmware-shim/wire/limits.ts';

export class ImageUpload {
  /** As large as it may become: growing by many small parts would cost more. */
  readonly #room = new Uint8Array(IMAGE_BYTES_MAX);
  #sizeBytes = 0;

  get bytes(): Uint8Array {
    return this.#room.slice(0, this.#sizeBytes);
  }

  /** How many bytes are here now; undefined when the part does not follow them, or is too much. */
  take(offset: number, part: Uint8Array): number | undefined {
    if (offset !== this.#sizeBytes || offset + part.length > this.#room.length) return undefined;
    this.#room.set(part, offset);
    this.#sizeBytes += part.length;
    return this.#sizeBytes;
  }
}
