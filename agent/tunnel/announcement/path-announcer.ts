/**
 * The branch's side of the path announcement: tells every hub which tunnel carries traffic until each has
 * confirmed it.
 *
 * Without it a hub would send return traffic into the old tunnel until its own session expires there, although
 * the branch may have seen the cable go within milliseconds. Each Up tunnel carries its own copy, so that also
 * the hub that is left behind learns of it.
 */
import { type Core, type Deadline, nothing } from '../../../firmware-shim/base/core.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import type { Note } from '../../model/note.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import {
  type AnnouncementDiscard,
  decodeAnnouncement,
  encodeAnnouncement,
} from './path-announcement.ts';

export type AnnouncerEvent =
  /** The active tunnel is now the one with this inner address; undefined: none. */
  | {
      readonly type: 'pathChanged';
      readonly address: string | undefined;
      /** Tunnels that are Up, the active one first. */
      readonly over: readonly TunnelId[];
    }
  /** These tunnels are Up now: over them copies go out. */
  | { readonly type: 'tunnelsUp'; readonly tunnels: readonly TunnelId[] }
  | { readonly type: 'packetArrived'; readonly tunnel: TunnelId; readonly bytes: Uint8Array };

export type AnnouncerEffect =
  | {
      readonly type: 'sendAnnouncement';
      readonly tunnel: TunnelId;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'note'; readonly note: Note };

/** Until confirmed: short against every detection time, and 3 kB/s for the moment it lasts. */
export const RETRANSMIT_MS = 10;
/** After 30 tries (300 ms) the hub is not listening; the refresh goes on asking. */
export const BURST_MAX = 30;
/** A hub that restarted hears within a second which tunnel is in use. */
export const REFRESH_MS = 1_000;

/** What is still owed to the hub at the far end of one tunnel. */
interface Copy {
  readonly sinceMs: number;
  sent: number;
  acknowledged: boolean;
  dueAtMs: number;
}

export class PathAnnouncer implements Core<AnnouncerEvent, AnnouncerEffect> {
  readonly #epoch: number;
  readonly #timers = new Timers<'announce'>();
  readonly #copies = new Map<TunnelId, Copy>();
  readonly #discarded = new Map<AnnouncementDiscard | 'stale', number>();
  #up: readonly TunnelId[] = [];
  #sequence = 0;
  #address: string | undefined;

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  handle(event: AnnouncerEvent, nowMs: number): readonly AnnouncerEffect[] {
    switch (event.type) {
      case 'pathChanged':
        this.#sequence = (this.#sequence + 1) >>> 0;
        this.#address = event.address;
        this.#up = event.over;
        this.#copies.clear();
        this.#owe(nowMs);
        return this.tick(nowMs);
      case 'tunnelsUp':
        this.#up = event.tunnels;
        for (const tunnel of this.#copies.keys()) {
          if (!event.tunnels.includes(tunnel)) this.#copies.delete(tunnel);
        }
        this.#owe(nowMs);
        return this.tick(nowMs);
      case 'packetArrived':
        return this.#confirm(event.tunnel, event.bytes, nowMs);
    }
  }

  tick(nowMs: number): readonly AnnouncerEffect[] {
    const effects: AnnouncerEffect[] = [];
    for (const [tunnel, copy] of this.#copies) {
      if (copy.dueAtMs > nowMs) continue;
      copy.sent += 1;
      const hurried = !copy.acknowledged && copy.sent < BURST_MAX;
      copy.dueAtMs = nowMs + (hurried ? RETRANSMIT_MS : REFRESH_MS);
      effects.push({ type: 'sendAnnouncement', tunnel, bytes: this.#bytes() });
    }
    this.#arm();
    return effects;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  snapshot() {
    return {
      sequence: this.#sequence,
      unacknowledged: [...this.#copies].filter(([, copy]) => !copy.acknowledged).map(([id]) => id),
      discarded: Object.fromEntries(this.#discarded),
    };
  }

  /** Nothing is announced before the first choice: a hub that never heard of one uses any Up session. */
  #owe(nowMs: number): void {
    if (this.#sequence === 0) return;
    for (const tunnel of this.#up) {
      if (this.#copies.has(tunnel)) continue;
      this.#copies.set(tunnel, { sinceMs: nowMs, sent: 0, acknowledged: false, dueAtMs: nowMs });
    }
    this.#arm();
  }

  #confirm(tunnel: TunnelId, bytes: Uint8Array, nowMs: number): readonly AnnouncerEffect[] {
    const decoded = decodeAnnouncement(bytes);
    if (!decoded.ok) return this.#discard(decoded.discard);
    const { kind, epoch, sequence } = decoded.announcement;
    if (kind !== 'acknowledge') return this.#discard('kind');
    const copy = this.#copies.get(tunnel);
    if (copy === undefined || epoch !== this.#epoch || sequence !== this.#sequence) {
      return this.#discard('stale');
    }
    if (copy.acknowledged) return nothing;
    copy.acknowledged = true;
    copy.dueAtMs = nowMs + REFRESH_MS;
    this.#arm();
    const afterMs = nowMs - copy.sinceMs;
    return [
      { type: 'note', note: { code: 'pathAcknowledged', level: 'info', over: tunnel, afterMs } },
    ];
  }

  #discard(rule: AnnouncementDiscard | 'stale'): readonly AnnouncerEffect[] {
    this.#discarded.set(rule, (this.#discarded.get(rule) ?? 0) + 1);
    return nothing;
  }

  #arm(): void {
    const dueAtMs = Math.min(...[...this.#copies.values()].map((copy) => copy.dueAtMs));
    if (Number.isFinite(dueAtMs)) this.#timers.set('announce', dueAtMs);
    else this.#timers.clear('announce');
  }

  #bytes(): Uint8Array {
    return encodeAnnouncement({
      kind: 'announce',
      epoch: this.#epoch,
      sequence: this.#sequence,
      address: this.#address,
    });
  }
}
