/**
 * Performs what the cores ask of the store; what the disk refuses comes back as an event.
 */
import { readEvents } from '../../contract/restored.ts';
import type { Store } from '../../ports.ts';
import type { ControlEffect, ControlEvent } from '../../wiring/control-events.ts';
import { resultOf } from '../port-result.ts';

export type StoreEffect = Extract<
  ControlEffect,
  { readonly type: 'storePut' | 'storeRead' | 'storeRemove' }
>;
type Post = (event: ControlEvent) => void;

export function performStoreEffect(effect: StoreEffect, store: Store, post: Post): void {
  switch (effect.type) {
    case 'storePut':
      return void put(effect, store, post);
    case 'storeRead':
      return void read(effect, store, post);
    case 'storeRemove':
      // A record that stays is published again and dropped by the gateway as known.
      return void store.remove(effect.shelf, effect.keys).catch(() => undefined);
  }
}

async function put(
  { shelf, key, value }: Extract<StoreEffect, { readonly type: 'storePut' }>,
  store: Store,
  post: Post,
): Promise<void> {
  const result = await resultOf(store.put(shelf, key, value));
  post({ type: 'storeAnswered', shelf, key, ...result });
}

async function read(
  { shelf, keys }: Extract<StoreEffect, { readonly type: 'storeRead' }>,
  store: Store,
  post: Post,
): Promise<void> {
  const records = await store.load(shelf, keys).catch(() => undefined);
  post({ type: 'eventsRead', ok: records !== undefined, events: readEvents(records ?? []) });
}
