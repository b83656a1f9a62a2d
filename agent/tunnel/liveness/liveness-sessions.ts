/**
 * All liveness sessions of this machine, each woken only when it is due: the cost of one packet or one tick does
 * not grow with how many there are.
 */
import { type Deadline, nothing } from '../../../firmware-shim/base/core.ts';
import { DueHeap } from '../../../firmware-shim/base/due-heap.ts';
import type { TunnelId, TunnelPlan } from '../../model/tunnel.ts';
import type { UplinkId } from '../../model/uplink.ts';
import type { BfdEffect } from '../bfd/bfd-events.ts';
import type { LivenessEvent, LivenessSession } from './liveness-session.ts';

export interface TunnelEffects {
  readonly tunnel: TunnelId;
  readonly effects: readonly BfdEffect[];
}

interface Seat {
  readonly tunnel: TunnelId;
  readonly uplink: UplinkId;
  readonly session: LivenessSession;
  /** The moment it has in the heap. */
  armedAtMs: number;
  /** When something last came through the tunnel, whatever it was. */
  heardAtMs: number | undefined;
}

export class LivenessSessions {
  readonly #seats = new Map<TunnelId, Seat>();
  readonly #due = new DueHeap<Seat>();
  readonly #unusable = new Set<UplinkId>();

  get tunnels(): readonly TunnelId[] {
    return [...this.#seats.keys()];
  }

  get(tunnel: TunnelId): LivenessSession | undefined {
    return this.#seats.get(tunnel)?.session;
  }

  /** Any datagram counts, also one its reader discards: only the far end of the tunnel can send one. */
  heard(tunnel: TunnelId, nowMs: number): void {
    const seat = this.#seats.get(tunnel);
    if (seat !== undefined) seat.heardAtMs = nowMs;
  }

  heardAtMs(tunnel: TunnelId): number | undefined {
    return this.#seats.get(tunnel)?.heardAtMs;
  }

  add(
    { id: tunnel, uplink }: Pick<TunnelPlan, 'id' | 'uplink'>,
    session: LivenessSession,
    nowMs: number,
  ): void {
    this.remove(tunnel);
    const seat = { tunnel, uplink, session, armedAtMs: Infinity, heardAtMs: undefined };
    this.#seats.set(tunnel, seat);
    if (this.#unusable.has(uplink)) session.handle({ type: 'uplinkJudged', usable: false }, nowMs);
    this.#rearm(seat);
  }

  /** What misses while an uplink cannot be used is not lost by the paths over it: their sessions hear of it. */
  uplinkJudged(uplink: UplinkId, usable: boolean, nowMs: number): void {
    if (usable) this.#unusable.delete(uplink);
    else this.#unusable.add(uplink);
    for (const seat of this.#seats.values()) {
      if (seat.uplink === uplink) seat.session.handle({ type: 'uplinkJudged', usable }, nowMs);
    }
  }

  remove(tunnel: TunnelId): void {
    const seat = this.#seats.get(tunnel);
    if (seat === undefined) return;
    this.#seats.delete(tunnel);
    this.#due.remove(seat);
  }

  handle(tunnel: TunnelId, event: LivenessEvent, nowMs: number): readonly BfdEffect[] {
    const seat = this.#seats.get(tunnel);
    if (seat === undefined) return nothing;
    if (event.type === 'packetArrived') seat.heardAtMs = nowMs;
    const effects = seat.session.handle(event, nowMs);
    this.#rearm(seat);
    return effects;
  }

  tick(nowMs: number): readonly TunnelEffects[] {
    const ticked: TunnelEffects[] = [];
    this.#due.wake(nowMs, (seat) => {
      const { tunnel, session } = seat;
      const effects = session.tick(nowMs);
      if (effects.length > 0) ticked.push({ tunnel, effects });
      seat.armedAtMs = session.dueAtMs;
      return seat.armedAtMs;
    });
    return ticked;
  }

  deadline(): Deadline | undefined {
    const first = this.#due.first();
    if (first === undefined) return undefined;
    const { tunnel, session } = first.key;
    return { atMs: first.atMs, why: `${tunnel} ${session.deadline()?.why ?? ''}` };
  }

  /** What a packet moves is mostly not what comes first. */
  #rearm(seat: Seat): void {
    const atMs = seat.session.dueAtMs;
    if (atMs === seat.armedAtMs) return;
    seat.armedAtMs = atMs;
    this.#due.set(seat, atMs);
  }
}
