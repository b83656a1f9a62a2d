/**
 * What a user is promised, judged by the world's own truth: traffic does not stand still while a tunnel that
 * works is there to carry it (F-08, F-09).
 *
 * A tunnel counts as there when its path has let everything through, its ends have been set up for each other and the agent
 * has known tunnel and uplink up, all without a break. What the agent thinks of the tunnel it uses does not count: an agent that
 * never noticed a silent path would break no promise of its own.
 */
import type { FastPathFact } from '../../agent/model/fast-path.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import { VPC_PREFIX } from '../lab/topology.ts';
import { SITE_TUNNELS, type SiteTunnel } from '../models/branch/branch-site.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import { EchoLuck } from './echo-luck.ts';

/**
 * Detection at the far end, its word back over the slowest path, the move, and an echo's way there and back;
 * F-08 and F-09 allow about as much.
 */
export const STANDSTILL_MS_MAX = 700;
/**
 * A session that has just come Up still expects its far end's packets a second apart, until the first one that says
 * otherwise (RFC 5880 sections 6.8.3 and 6.8.4): a tunnel that dies before that one came is found dead so late. The product
 * allows no more patience than this.
 */
const FRESH_MS_MAX = 6_000;
/** A round trip over the slowest path and through its threads: what lasted longer has been told otherwise. */
const TOLD_AFTER_MS = 200;
/** A restarted agent gives what it adopted five seconds to prove itself, and tunnels must be made; then it is judged. */
const SETTLED_AFTER_MS = 6_000;
/** Looking at every path costs more than a step. */
const LOOK_EVERY_MS = 10;

export class TrafficWatch {
  /** Since when. */
  readonly #tunnelUp = new Map<string, number>();
  readonly #uplinkUp = new Set<string>();
  readonly #luck = new EchoLuck();
  /** Since when each tunnel has been there without a break. */
  readonly #thereSinceMs = new Map<string, number>();
  /** Since when the agent is meant to carry traffic to the VPC; undefined while it is not. */
  #meantSinceMs: number | undefined;
  #nextLookMs = 0;

  agentStarted(): void {
    this.#meantSinceMs = undefined;
    this.#tunnelUp.clear();
    this.#uplinkUp.clear();
    this.#thereSinceMs.clear();
  }

  ordered(effect: ControlEffect, nowMs: number): void {
    if (effect.type !== 'orderFastPath' || effect.order.type !== 'planReceived') return;
    const { prefixes, tunnels } = effect.order.plan;
    const isMeant = tunnels.length > 0 && prefixes.includes(VPC_PREFIX);
    this.#meantSinceMs = isMeant ? (this.#meantSinceMs ?? nowMs) : undefined;
  }

  hear(fact: FastPathFact): void {
    if (fact.type === 'tunnelStateChanged') {
      if (fact.to === 'up') this.#tunnelUp.set(fact.tunnel, fact.atMs);
      else this.#tunnelUp.delete(fact.tunnel);
    } else if (fact.type === 'uplinkChanged') {
      if (fact.verdict.state === 'up') this.#uplinkUp.add(fact.uplink);
      else this.#uplinkUp.delete(fact.uplink);
    }
  }

  /** What is wrong now, as a sentence; undefined when nothing is. */
  look(cast: BranchWorld): string | undefined {
    const { nowMs } = cast.world;
    if (nowMs < this.#nextLookMs) return undefined;
    this.#nextLookMs = nowMs + LOOK_EVERY_MS;
    for (const tunnel of SITE_TUNNELS) this.#follow(cast, tunnel, nowMs);
    const luckMs = this.#luck.silenceMs(cast);
    if (!cast.branch.running || this.#meantSinceMs === undefined) return undefined;
    if (nowMs - this.#meantSinceMs < SETTLED_AFTER_MS) return undefined;
    if (this.#isFresh(cast, nowMs)) return undefined;
    const silentMs = nowMs - (cast.echoes.lastAnswerAtMs ?? nowMs);
    if (silentMs <= Math.max(STANDSTILL_MS_MAX, luckMs)) return undefined;
    const unused = [...this.#thereSinceMs].find(
      ([, sinceMs]) => nowMs - sinceMs > STANDSTILL_MS_MAX,
    );
    return unused === undefined
      ? undefined
      : `traffic stands still for ${silentMs.toFixed(0)} ms although ${unused[0]} works`;
  }

  /** The tunnel that carries has come Up just now, and was dead before its far end could tell more. */
  #isFresh({ branch, echoes }: BranchWorld, nowMs: number): boolean {
    const upSinceMs = this.#tunnelUp.get(branch.egress() ?? '') ?? Number.NEGATIVE_INFINITY;
    const isDeadSinceThen = (echoes.lastAnswerAtMs ?? 0) - upSinceMs < TOLD_AFTER_MS;
    return isDeadSinceThen && nowMs - upSinceMs <= FRESH_MS_MAX;
  }

  #follow(cast: BranchWorld, { id, uplink, gateway }: SiteTunnel, nowMs: number): void {
    const conditions = cast.network.path(uplink, gateway)?.conditions;
    const isThere =
      conditions !== undefined &&
      conditions.blocked.length === 0 &&
      // What is stuck comes in the end, and nothing comes before it.
      conditions.cloggedUntilMs <= nowMs &&
      // The cloud may have taken its end away from a branch that does not know yet, or a document may have given the
      // branch's end another key. Either is known Down only after the detection time, which grows on a path that lost packets.
      cast.isJoined(id, gateway) &&
      cast.branch.carries(id) &&
      this.#tunnelUp.has(id) &&
      this.#uplinkUp.has(uplink);
    if (!isThere) this.#thereSinceMs.delete(id);
    else if (!this.#thereSinceMs.has(id)) this.#thereSinceMs.set(id, nowMs);
  }
}
