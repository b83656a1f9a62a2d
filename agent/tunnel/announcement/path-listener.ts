/**
 * The hub's side of the path announcement: confirms each, and tells the news among them once.
 *
 * A confirmation is also sent for what was heard before, because the branch repeats only when ours was lost.
 * Old sequences and epochs that were already left are counted and not answered.
 */
import { nothing } from '../../../firmware-shim/base/core.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import {
  type AnnouncementDiscard,
  decodeAnnouncement,
  encodeAnnouncement,
  isNewer,
  type PathAnnouncement,
} from './path-announcement.ts';

export type ListenerEffect =
  | {
      readonly type: 'sendAcknowledgement';
      readonly tunnel: TunnelId;
      readonly bytes: Uint8Array;
    }
  | {
      readonly type: 'pathNamed';
      readonly address: string | undefined;
      readonly over: TunnelId;
    };

/** Epochs already left; a packet of one of them was delayed on the way. More restarts than this do not overlap. */
const EPOCHS_REMEMBERED = 8;

export class PathListener {
  readonly #left: number[] = [];
  readonly #discarded = new Map<AnnouncementDiscard | 'stale', number>();
  #last: { readonly epoch: number; readonly sequence: number } | undefined;

  hear(tunnel: TunnelId, bytes: Uint8Array): readonly ListenerEffect[] {
    const decoded = decodeAnnouncement(bytes);
    if (!decoded.ok) return this.#discard(decoded.discard);
    const heard = decoded.announcement;
    if (heard.kind !== 'announce') return this.#discard('kind');
    const age = this.#ageOf(heard);
    if (age === 'stale') return this.#discard('stale');
    const acknowledgement: ListenerEffect = {
      type: 'sendAcknowledgement',
      tunnel,
      bytes: encodeAnnouncement({ ...heard, kind: 'acknowledge' }),
    };
    if (age === 'known') return [acknowledgement];
    this.#remember(heard);
    return [acknowledgement, { type: 'pathNamed', address: heard.address, over: tunnel }];
  }

  snapshot() {
    return { ...this.#last, discarded: Object.fromEntries(this.#discarded) };
  }

  #ageOf(heard: PathAnnouncement): 'new' | 'known' | 'stale' {
    const last = this.#last;
    if (last === undefined) return 'new';
    if (heard.epoch !== last.epoch) return this.#left.includes(heard.epoch) ? 'stale' : 'new';
    if (heard.sequence === last.sequence) return 'known';
    return isNewer(heard.sequence, last.sequence) ? 'new' : 'stale';
  }

  #remember(heard: PathAnnouncement): void {
    const before = this.#last;
    if (before !== undefined && before.epoch !== heard.epoch) {
      this.#left.push(before.epoch);
      if (this.#left.length > EPOCHS_REMEMBERED) this.#left.shift();
    }
    this.#last = { epoch: heard.epoch, sequence: heard.sequence };
  }

  #discard(rule: AnnouncementDiscard | 'stale'): readonly ListenerEffect[] {
    this.#discarded.set(rule, (this.#discarded.get(rule) ?? 0) + 1);
    return nothing;
  }
}
