/**
 * Two access channels of which one is in use: the other is where the next access point is tried before the first is
 * given up. What names no slot goes over the one in use.
 */
import type { AccessChannel, AccessEvent, AccessSlot } from '../ports.ts';
import type { SlottedEffect } from './access-switch-events.ts';
import type { RegistrationEffect } from './registration-events.ts';

/** What the registration asks of a channel. */
export type ChannelEffect =
  | SlottedEffect<
      Extract<
        RegistrationEffect,
        { readonly type: 'openAccess' | 'publish' | 'subscribe' | 'closeAccess' }
      >
    >
  | { readonly type: 'accessPromoted'; readonly slot: AccessSlot };

export class ChannelPair {
  readonly #channels: readonly [AccessChannel, AccessChannel];
  #inUse: AccessSlot = 0;

  constructor(channels: readonly [AccessChannel, AccessChannel]) {
    this.#channels = channels;
  }

  perform(effect: ChannelEffect, onEvent: (event: AccessEvent, slot: AccessSlot) => void): void {
    const { slot = this.#inUse } = effect;
    const channel = this.#channels[slot];
    switch (effect.type) {
      case 'openAccess':
        return channel.open(effect.target, effect.will, (event) => onEvent(event, slot));
      case 'publish':
        return channel.publish(effect.message);
      case 'subscribe':
        return channel.subscribe(effect.topics);
      case 'closeAccess':
        return channel.close(effect.how);
      case 'accessPromoted':
        this.#inUse = effect.slot;
    }
  }

  drop(): void {
    for (const channel of this.#channels) channel.close('drop');
  }
}
