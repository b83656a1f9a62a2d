/**
 * A BFD session that keeps its own odds honest: it measures the loss of the far end's packets, raises its detection
 * multiplier where plain misses would lie, and spaces its probes on a tunnel whose traffic proves it alive.
 *
 * Everything happens by the session's own means: a multiplier is simply told, an interval changes by a Poll
 * Sequence. Probes are never silently left out, because the far end's Detection Time follows what we announced.
 */
import { type Core, type Deadline, earlier, nothing } from '../../../firmware-shim/base/core.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import type { BfdTimers, TunnelPlan } from '../../model/tunnel.ts';
import type { BfdEffect, BfdEvent } from '../bfd/bfd-events.ts';
import type { BfdState } from '../bfd/bfd-packet.ts';
import { BfdSession } from '../bfd/bfd-session.ts';
import { eitherOf, falseDownOdds } from './false-down-odds.ts';
import { LivenessLoss, type MeasuredLoss } from './liveness-loss.ts';
import { nextMult } from './liveness-mult.ts';

/** `trafficSeen`: the engine's counter of received packets grew. */
export type LivenessEvent = BfdEvent | { readonly type: 'trafficSeen' };

/** What someone else measured of the packets we send, 0 to 1; asked at the moment of each review. */
export type LossToPeer = (nowMs: number) => number | undefined;

/** Loss changes in minutes; a failover storm must not be followed packet by packet. */
const REVIEW_MS = 5_000;
/** Traffic must have flowed so long, without a pause longer than `QUIET_MS`, before probes thin out. */
const BUSY_MS = 10_000;
const QUIET_MS = 3_000;

type LivenessPlan = Pick<TunnelPlan, 'id' | 'bfd' | 'bfdAuthentication' | 'bfdWhileBusy'>;

export class LivenessSession implements Core<LivenessEvent, BfdEffect> {
  readonly #session: BfdSession;
  readonly #loss = new LivenessLoss();
  readonly #timers = new Timers<'review' | 'quiet'>();
  #base: BfdTimers;
  readonly #whileBusy: BfdTimers | undefined;
  readonly #lossToPeer: LossToPeer;
  #mult: number;
  #multSinceMs = 0;
  #uplinkUsable = true;
  #trafficSinceMs: number | undefined;
  #busy = false;

  constructor(plan: LivenessPlan, random: Random, lossToPeer: LossToPeer = () => undefined) {
    this.#lossToPeer = lossToPeer;
    this.#session = new BfdSession(plan.id, plan.bfd, random, plan.bfdAuthentication);
    this.#base = plan.bfd;
    this.#whileBusy = plan.bfdWhileBusy;
    this.#mult = plan.bfd.detectMult;
  }

  handle(event: LivenessEvent, nowMs: number): readonly BfdEffect[] {
    switch (event.type) {
      case 'packetArrived':
        return this.#hear(event, nowMs);
      case 'timersPlanned':
        this.#base = event.timers;
        this.#mult = Math.max(event.timers.detectMult, this.#mult);
        return this.#replan(nowMs);
      case 'trafficSeen':
        return this.#hearTraffic(nowMs);
      case 'uplinkJudged':
        this.#uplinkUsable = event.usable;
        this.#loss.interrupted();
        return this.#session.handle(event, nowMs);
      case 'wokeLate':
        this.#loss.wokeLate(event.lateMs, nowMs);
        return this.#session.handle(event, nowMs);
      default:
        return this.#session.handle(event, nowMs);
    }
  }

  tick(nowMs: number): readonly BfdEffect[] {
    const effects = this.#session.tick(nowMs);
    const reviewed = this.#timers.take('review', nowMs) ? this.#review(nowMs) : nothing;
    const quietened = this.#timers.take('quiet', nowMs) ? this.#quieten(nowMs) : nothing;
    return reviewed === nothing && quietened === nothing
      ? effects
      : [...effects, ...reviewed, ...quietened];
  }

  deadline(): Deadline | undefined {
    return earlier(this.#session.deadline(), this.#timers.deadline());
  }

  /** The moment of `deadline`; Infinity when there is none. */
  get dueAtMs(): number {
    return Math.min(this.#session.dueAtMs, this.#timers.firstAtMs);
  }

  get state(): BfdState {
    return this.#session.state;
  }

  /** How far apart the far end's packets are at most. */
  get peerIntervalMs(): number {
    return this.#session.peerIntervalMs;
  }

  snapshot(nowMs: number) {
    const loss = this.#loss.measured();
    return {
      ...this.#session.snapshot(nowMs),
      detectMult: this.#mult,
      ...(loss === undefined ? {} : { lossRatio: loss.ratio, falseDown: this.#odds(loss, nowMs) }),
    };
  }

  #hear(event: BfdEvent, nowMs: number): readonly BfdEffect[] {
    const before = this.#session.heard;
    const wasUp = this.#session.state === 'Up';
    const effects = this.#session.handle(event, nowMs);
    if (this.#session.heard === before) return effects;
    // The silence that took the session Down was an outage and no loss of single packets.
    const isOutage = !wasUp || this.#session.state !== 'Up';
    // Nor is what misses over a cable that is out, at this end or at that one, lost by the path.
    const isCut = !this.#uplinkUsable || this.#session.farEnd.hasBrokenLink;
    if (isOutage || isCut) this.#loss.interrupted();
    else {
      this.#loss.heard(this.#session.peerIntervalMs, nowMs);
      if (this.#timers.at('review') === undefined) this.#timers.set('review', nowMs + REVIEW_MS);
    }
    return effects;
  }

  #review(nowMs: number): readonly BfdEffect[] {
    const loss = this.#loss.measured();
    if (loss === undefined) return nothing;
    const mult = nextMult({
      base: this.#base.detectMult,
      current: this.#mult,
      intervalMs: this.#intervalMs(),
      lossRatio: this.#worse(loss, nowMs),
      longestRun: loss.longestRun,
      unchangedForMs: nowMs - this.#multSinceMs,
    });
    if (mult === this.#mult) return nothing;
    this.#mult = mult;
    this.#multSinceMs = nowMs;
    return this.#replan(nowMs);
  }

  #hearTraffic(nowMs: number): readonly BfdEffect[] {
    if (this.#whileBusy === undefined) return nothing;
    this.#timers.set('quiet', nowMs + QUIET_MS);
    this.#trafficSinceMs ??= nowMs;
    if (this.#busy || nowMs - this.#trafficSinceMs < BUSY_MS) return nothing;
    this.#busy = true;
    return this.#replan(nowMs);
  }

  #quieten(nowMs: number): readonly BfdEffect[] {
    this.#trafficSinceMs = undefined;
    if (!this.#busy) return nothing;
    this.#busy = false;
    return this.#replan(nowMs);
  }

  #replan(nowMs: number): readonly BfdEffect[] {
    const base = this.#busy ? (this.#whileBusy ?? this.#base) : this.#base;
    const timers = { ...base, detectMult: this.#mult };
    return this.#session.handle({ type: 'timersPlanned', timers }, nowMs);
  }

  /** Ours, on which the far end's judgement rests. */
  #intervalMs(): number {
    return Math.max(this.#base.desiredMinTxMs, this.#base.requiredMinRxMs);
  }

  /** A path that loses one way is not trusted to lose less the other way until that is measured for long. */
  #worse(loss: MeasuredLoss, nowMs: number): number {
    return Math.max(loss.ratio, this.#lossToPeer(nowMs) ?? 0);
  }

  /** We fall silent to the far end by our multiplier, it to us by its own. */
  #odds(loss: MeasuredLoss, nowMs: number) {
    const { peerIntervalMs, farEnd } = this.#session;
    const out = falseDownOdds({
      intervalMs: this.#intervalMs(),
      detectMult: this.#mult,
      lossRatio: this.#lossToPeer(nowMs) ?? loss.ratio,
      directions: 1,
    });
    const back = falseDownOdds({
      intervalMs: peerIntervalMs,
      detectMult: farEnd.peer?.detectMult ?? 0,
      lossRatio: loss.ratio,
      directions: 1,
    });
    const weaker = out.meanMsBetween < back.meanMsBetween ? out : back;
    const meanMsBetween = eitherOf(out.meanMsBetween, back.meanMsBetween);
    // A snapshot is plain JSON, which has no word for never.
    const often = meanMsBetween === Infinity ? {} : { meanMsBetween };
    return { ...often, sentence: weaker.sentence };
  }
}
