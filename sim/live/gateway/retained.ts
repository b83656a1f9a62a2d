/**
 * Retained messages, kept under the device they belong to so that one device cannot use up another's room.
 */
import { RETAINED_TOPICS_MAX } from './limits.ts';

export class RetainedMessages {
  readonly #byDevice = new Map<string, Map<string, Uint8Array>>();

  /** An empty payload removes (MQTT 5, section 3.3.1.3). False when the device's room is used up. */
  put(serialNumber: string, topic: string, payload: Uint8Array): boolean {
    const topics = this.#byDevice.get(serialNumber) ?? new Map<string, Uint8Array>();
    if (payload.length === 0) {
      topics.delete(topic);
      if (topics.size === 0) this.#byDevice.delete(serialNumber);
      return true;
    }
    if (!topics.has(topic) && topics.size >= RETAINED_TOPICS_MAX) return false;
    topics.set(topic, payload);
    this.#byDevice.set(serialNumber, topics);
    return true;
  }

  get(serialNumber: string, topic: string): Uint8Array | undefined {
    return this.#byDevice.get(serialNumber)?.get(topic);
  }

  /** The device's retained messages, oldest first. */
  of(serialNumber: string): ReadonlyMap<string, Uint8Array> {
    return this.#byDevice.get(serialNumber) ?? new Map();
  }
}
