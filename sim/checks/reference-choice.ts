/**
 * Which tunnel should carry traffic, by a slower and simpler model than the agent's: it knows only which tunnels are
 * up, since when, and how often each was lost.
 *
 * It says no more than the rule book: nearest uplink first, then nearest gateway; a tunnel that was lost waits for
 * its return, longer after each loss. So it can tell a wrong choice in quiet times, not each right one in a storm.
 */
import { DEFAULT_POLICY, type FastPathFact } from '../../agent/model/fast-path.ts';
import { DEMOTE_AFTER_MS, PROMOTE_AFTER_MS } from '../../agent/tunnel/choice/sla-judge.ts';
import { WINDOW_MS } from '../../agent/tunnel/quality/stamp-sender.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import { GATEWAYS, UPLINKS } from '../lab/topology.ts';
import { SITE_TUNNELS } from '../models/branch/branch-site.ts';

/** The window of quality that must run clear after a brown-out, twice, and the proof that it stays so. */
const SLACK_MS = 40_000;

/** A judgement on quality looks back over a window, and stands for a while: bad ones, and good ones of another path. */
const REMEMBERED_MS = WINDOW_MS.wired + DEMOTE_AFTER_MS + PROMOTE_AFTER_MS;

interface Lived {
  /** Undefined while it is not up. */
  upSinceMs: number | undefined;
  losses: number;
}

/** Best first. */
const ORDER: readonly string[] = SITE_TUNNELS.toSorted(
  (a, b) =>
    priorityOf(a.uplink) - priorityOf(b.uplink) || nearness(a.gateway) - nearness(b.gateway),
).map(({ id }) => id);

export class ReferenceChoice {
  /** Asked for by an operator: it stays until it fails. */
  #pinned: string | undefined;
  readonly #wishes = new Map<string, string>();
  readonly #lived = new Map<string, Lived>(
    ORDER.map((id) => [id, { upSinceMs: undefined, losses: 0 }]),
  );

  /** Nothing is known of any tunnel until it is seen anew; what was lost before is not forgotten. */
  agentStarted(): void {
    for (const lived of this.#lived.values()) lived.upSinceMs = undefined;
    this.#pinned = undefined;
  }

  ordered(effect: ControlEffect): void {
    if (effect.type !== 'orderFastPath' || effect.order.type !== 'switchRequested') return;
    this.#wishes.set(effect.order.requestId, effect.order.tunnel);
  }

  hear(fact: FastPathFact): void {
    if (fact.type === 'switchAnswered' && fact.ok) this.#pinned = this.#wishes.get(fact.requestId);
    if (fact.type === 'uplinkChanged' && fact.verdict.state === 'down') this.#cut(fact.uplink);
    if (fact.type !== 'tunnelStateChanged') return;
    if (fact.to !== 'up' && fact.tunnel === this.#pinned) this.#pinned = undefined;
    const lived = this.#lived.get(fact.tunnel);
    if (lived === undefined) return;
    if (fact.to === 'up') lived.upSinceMs ??= fact.atMs;
    else if (lived.upSinceMs !== undefined) {
      lived.upSinceMs = undefined;
      lived.losses += 1;
    }
  }

  /** Whether traffic has come to its best place. */
  isBest(carrying: string | undefined): boolean {
    return carrying === ORDER[0] || this.#isPinned(carrying);
  }

  /** What is wrong with `carrying`, when nothing is broken since `quietSinceMs`, as a sentence. */
  wrongWith(carrying: string | undefined, quietSinceMs: number, nowMs: number): string | undefined {
    for (const id of ORDER) {
      if (id === carrying || this.#isPinned(carrying)) return undefined;
      const patienceMs = this.#patienceMs(id);
      const { upSinceMs = nowMs } = this.#lived.get(id) ?? {};
      const quietMs = nowMs - Math.max(upSinceMs, quietSinceMs);
      if (quietMs > patienceMs) {
        const quietS = (quietMs / 1_000).toFixed(0);
        return `${carrying ?? 'no tunnel'} carries traffic, though ${id} is better and well for ${quietS} s`;
      }
    }
    return undefined;
  }

  /**
   * What is wrong with a move while nothing has been broken for so long. A path that lost packets until it was mended
   * may still be left for that.
   */
  wrongMove(from: string | undefined, to: string | undefined, quietMs: number): string | undefined {
    if (
      from === to ||
      quietMs < REMEMBERED_MS ||
      ORDER.indexOf(to ?? '') < ORDER.indexOf(from ?? '')
    )
      return undefined;
    return `traffic left ${from} for ${to} though nothing was broken`;
  }

  /** A cable that is out loses its tunnels before their sessions notice; each time counts. */
  #cut(uplink: string): void {
    for (const { id } of SITE_TUNNELS.filter((each) => each.uplink === uplink)) {
      const lived = this.#lived.get(id);
      if (lived !== undefined) lived.losses += 1;
    }
  }

  #isPinned(carrying: string | undefined): boolean {
    return carrying !== undefined && carrying === this.#pinned;
  }

  /** Leaving a tunnel for its quality counts as a loss for the agent as well, and is not seen here. */
  #patienceMs(id: string): number {
    const { failbackHoldMs, failbackHoldMaxMs } = DEFAULT_POLICY;
    const losses = this.#lived.get(id)?.losses ?? 0;
    return Math.min(failbackHoldMaxMs, failbackHoldMs * 2 ** (losses + 1)) + SLACK_MS;
  }
}

function priorityOf(uplink: string): number {
  return UPLINKS.find(({ id }) => id === uplink)?.priority ?? 0;
}

function nearness(gateway: string): number {
  return GATEWAYS.findIndex(({ id }) => id === gateway);
}
