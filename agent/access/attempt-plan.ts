/**
 * Plans the next attempt from how the last one ended: the walk over gateways and uplinks and the pace of retries,
 * put together.
 */
import { nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import type { AgentConfig } from '../model/config.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import { paceOf } from './close-reaction.ts';
import { type Attempt, GatewayWalk, pathsOf } from './gateway-walk.ts';
import type { RegistrationEffect } from './registration-events.ts';
import type { AttemptState, Ending } from './registration-state.ts';
import { RetryPace } from './retry-pace.ts';

/**
 * What we have sent into a path that fell silent may reach the gateway this much later and take over from our next
 * connection: so long a socket that was closed goes on sending, at most.
 */
const LEFT_OPEN_MS = 120_000;
/** More redirects than this in a row are a circle. */
const REDIRECTS_MAX = 3;

export interface Retry {
  readonly delayMs: number;
  /** A path that comes back may shorten the wait. */
  readonly mayHurry: boolean;
  /** Notes and alarms on how it ended. */
  readonly effects: readonly RegistrationEffect[];
}

export class AttemptPlan {
  readonly #config: AgentConfig;
  readonly #walk: GatewayWalk;
  readonly #pace: RetryPace;
  readonly #verdicts = new Map<UplinkId, UplinkVerdict>();
  /** By gateway: when we left a connection to it that it knows nothing of. */
  readonly #leftOpenAtMs = new Map<string, number>();
  #redirects = 0;
  #isRanked = false;

  constructor(config: AgentConfig, random: Random) {
    this.#config = config;
    this.#walk = new GatewayWalk(config.access.gateways);
    this.#pace = new RetryPace(random);
  }

  observe(uplink: UplinkId, verdict: UplinkVerdict): void {
    this.#verdicts.set(uplink, verdict);
  }

  /** The gateway and the path to try now; undefined while no uplink is up or the access points are not ranked yet. */
  next(): Attempt | undefined {
    if (!this.#isRanked) return undefined;
    return this.#walk.next(pathsOf(this.#config.uplinks, this.#verdicts));
  }

  rank(order: readonly string[]): void {
    this.#isRanked = true;
    this.#walk.rank(order);
  }

  hearSpread(text: string | undefined): void {
    this.#pace.hearSpread(text);
  }

  registered(): void {
    this.#redirects = 0;
    this.#pace.registered();
  }

  /** The registration has lasted: forget what went wrong before. */
  stable(): void {
    this.#pace.stable();
    this.#walk.succeeded();
  }

  /** Packets to the gateways go another way now: what failed before says nothing any more. */
  pathChanged(): void {
    this.stable();
  }

  /** An attempt or a registration ended, and its gateway may not know. */
  leftOpen({ gateway }: Attempt, nowMs: number): void {
    this.#leftOpenAtMs.set(gateway.id, nowMs);
  }

  afterEnding(state: AttemptState, ending: Ending, wasStable: boolean, nowMs: number): Retry {
    const gateway = state.attempt.gateway.id;
    const effects: RegistrationEffect[] = [];
    let pace = ending.code === 'EAREA_MISMATCH' ? 'slow' : paceOf(ending.reasonCode);
    if (pace === 'redirect' && !this.#follow(ending.serverReference)) {
      const reference = ending.serverReference ?? '';
      const note = { code: 'redirectRefused', level: 'warning', gateway, reference } as const;
      effects.push({ type: 'noted', note });
      pace = 'ordinary';
    }
    if (pace === 'clone' && this.#isOurOwn(gateway, nowMs)) pace = 'ordinary';
    if (pace === 'clone') effects.push(...cloneAlarm(gateway, ending.text));
    if (pace !== 'redirect' && !wasStable) this.#walk.failed();
    const delayMs = this.#pace.afterEndingMs(pace, {
      wasRegistered: state.name === 'registered',
      wasStable,
      gatewayCount: this.#walk.gatewayCount,
      nowMs,
    });
    return { delayMs, mayHurry: pace === 'ordinary', effects };
  }

  /** What we published over `uplink` went unheard although nobody hung up. */
  afterSilence(uplink: UplinkId): Retry {
    this.#walk.doubt(uplink);
    return { delayMs: this.#pace.afterSilenceMs(), mayHurry: true, effects: nothing };
  }

  afterPathReturnedMs(): number {
    return this.#pace.afterPathReturnedMs();
  }

  /**
   * It was our own former connection that took over; once at whichever gateway, so that a clone that follows us from
   * one to the next is found out the next time.
   */
  #isOurOwn(gateway: string, nowMs: number): boolean {
    const atMs = this.#leftOpenAtMs.get(gateway);
    this.#leftOpenAtMs.clear();
    return atMs !== undefined && nowMs - atMs < LEFT_OPEN_MS;
  }

  #follow(reference: string | undefined): boolean {
    this.#redirects += 1;
    return this.#redirects <= REDIRECTS_MAX && this.#walk.redirect(reference);
  }
}

/** Our own path went away: no reason to wait. */
export const RETRY_AT_ONCE: Retry = { delayMs: 0, mayHurry: true, effects: nothing };

/** Somebody else lives under our identity. */
export function cloneAlarm(gateway: string, because: string): readonly RegistrationEffect[] {
  const note = { code: 'identityInUseTwice', level: 'error', gateway, because } as const;
  return [
    { type: 'noted', note },
    { type: 'identityMisused', because },
  ];
}
