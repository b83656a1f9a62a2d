/**
 * The searches that are under way, between the core of gateway names and whoever dials: the same in every body of the
 * core.
 */
import type { AddressFinder, Hands, Sought } from './address-finder.ts';
import type { NameEffect, NameEvent } from './name-events.ts';

export interface NameSearchesOptions {
  readonly post: (event: NameEvent) => void;
  readonly hostsOf: (name: string) => readonly string[];
  readonly wallMs: () => number;
}

interface Search {
  readonly hands: Hands;
  drop: (() => void) | undefined;
}

export type DialEffect = Extract<
  NameEffect,
  { readonly type: 'dialAddress' | 'dropDial' | 'searchFailed' }
>;

export class NameSearches implements AddressFinder {
  readonly #options: NameSearchesOptions;
  readonly #searches = new Map<number, Search>();
  #sought = 0;

  constructor(options: NameSearchesOptions) {
    this.#options = options;
  }

  find({ name, sourceAddress, inHaste }: Sought, hands: Hands): () => void {
    const { post, hostsOf } = this.#options;
    const searchId = this.#sought;
    this.#sought += 1;
    this.#searches.set(searchId, { hands, drop: undefined });
    post({
      type: 'gatewayWanted',
      searchId,
      name,
      hosts: hostsOf(name),
      ...(sourceAddress !== undefined && { sourceAddress }),
      ...(inHaste !== undefined && { inHaste }),
    });
    return () => {
      this.#drop(searchId);
      this.#searches.delete(searchId);
      post({ type: 'searchLeft', searchId });
    };
  }

  perform(effect: DialEffect): void {
    const { searchId } = effect;
    switch (effect.type) {
      case 'dialAddress':
        return this.#dial(searchId, effect.address);
      case 'dropDial':
        return this.#drop(searchId);
      case 'searchFailed': {
        const search = this.#searches.get(searchId);
        this.#searches.delete(searchId);
        return search?.hands.onFailed(effect.fault);
      }
    }
  }

  /** Nobody is told any more. */
  close(): void {
    for (const searchId of this.#searches.keys()) this.#drop(searchId);
    this.#searches.clear();
  }

  #dial(searchId: number, address: string): void {
    const { post, wallMs } = this.#options;
    const search = this.#searches.get(searchId);
    if (search === undefined) return;
    const drop = search.hands.dial(address, (fault) => {
      // Of one that was dropped nobody wants to hear.
      if (search.drop !== drop) return;
      search.drop = undefined;
      if (fault !== undefined) return post({ type: 'addressRefused', searchId, fault });
      this.#searches.delete(searchId);
      return post({ type: 'addressAccepted', searchId, wallMs: wallMs() });
    });
    search.drop = drop;
  }

  #drop(searchId: number): void {
    const search = this.#searches.get(searchId);
    const drop = search?.drop;
    if (search !== undefined) search.drop = undefined;
    drop?.();
  }
}
