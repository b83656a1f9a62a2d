/**
 * Which access gateway of our area is the nearest, and which stands by.
 *
 * The gateways of the configuration are the candidates, or those of them the document names; those of another area are
 * none. Each is measured by a few
 * handshakes over the best uplink, five candidates a round at most. The first round ends before the first attempt to
 * register; later ones keep the order true. A candidate goes first only when it is clearly nearer, so that two equal
 * ones do not take turns.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { type Random, uniformMs } from '../../firmware-shim/base/random.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import { accessPointsOf } from '../model/access-point.ts';
import type { AgentConfig, GatewayAddress } from '../model/config.ts';
import type { AccessNote } from '../model/notes/access-note.ts';
import type { ProbeAnswer, ProbeTarget } from '../model/path-probe.ts';
import type { AccessPointSnapshot } from '../model/snapshot.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import { rankOf, type Sampled } from './access-point-rank.ts';
import type { ActionAnswered } from './access-switch-events.ts';
import { pathsOf } from './gateway-walk.ts';

/** Of one request, as the SmartAG API has it. */
export const PROBED_MAX = 5;
/** Handshakes with each candidate: enough to see loss, few enough not to be noticed. */
const SAMPLES = 3;
const SAMPLE_GAP_MS = 50;
/** Nobody waits longer than this for the measurement before the first attempt. */
const ROUND_MS = 1_500;
/** Distances change when providers change their routes: slowly. */
const ROUND_EVERY_MS = 600_000;
/** Of that, drawn, so that a fleet does not measure in step. */
const ROUND_JITTER_MS = 60_000;
/** Requests closer together than this are refused with `ProbeFrequencyTooHigh`. */
export const REQUEST_GAP_MS = 30_000;

export type AccessPointsEvent =
  | { readonly type: 'started' }
  /** The document narrows them down; undefined: to all of our area. */
  | { readonly type: 'candidatesDesired'; readonly candidates: readonly string[] | undefined }
  | {
      readonly type: 'uplinkChanged';
      readonly uplink: UplinkId;
      readonly verdict: UplinkVerdict;
    }
  | { readonly type: 'pathProbed'; readonly probeId: number; readonly answer: ProbeAnswer }
  /** Somebody wants to see the present figures (ProbeAccessPointNetworkQuality). */
  | { readonly type: 'probeRequested'; readonly requestId: string };

export type AccessPointsEffect =
  | { readonly type: 'probePath'; readonly probeId: number; readonly target: ProbeTarget }
  /** All of our area, the nearest first. */
  | { readonly type: 'accessPointsRanked'; readonly order: readonly string[] }
  | ActionAnswered
  | { readonly type: 'noted'; readonly note: AccessNote };

type Effects = readonly AccessPointsEffect[];

interface Round {
  readonly candidates: readonly GatewayAddress[];
  readonly sourceAddress: string | undefined;
  readonly open: Map<number, string>;
  samplesLeft: number;
}

export class AccessPoints implements Core<AccessPointsEvent, AccessPointsEffect> {
  readonly #config: AgentConfig;
  readonly #random: Random;
  readonly #timers = new Timers<'sample' | 'roundEnds' | 'nextRound'>();
  readonly #verdicts = new Map<UplinkId, UplinkVerdict>();
  readonly #samples = new Map<string, Sampled>();
  readonly #requests: string[] = [];
  #candidates: readonly GatewayAddress[];
  #order: readonly string[];
  #round: Round | undefined;
  #started = false;
  #ranked = false;
  #serial = 0;
  #rounds = 0;
  #requestedAtMs = Number.NEGATIVE_INFINITY;

  constructor(config: AgentConfig, random: Random) {
    this.#config = config;
    this.#random = random;
    this.#candidates = accessPointsOf(config);
    this.#order = this.#candidates.map(({ id }) => id);
  }

  handle(event: AccessPointsEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'started':
        this.#started = true;
        return this.#begin(nowMs);
      case 'candidatesDesired':
        return this.#narrow(event.candidates, nowMs);
      case 'uplinkChanged':
        this.#verdicts.set(event.uplink, event.verdict);
        return this.#ranked ? nothing : this.#begin(nowMs);
      case 'pathProbed':
        return this.#onAnswer(event.probeId, event.answer, nowMs);
      case 'probeRequested':
        return this.#onRequest(event.requestId, nowMs);
    }
  }

  tick(nowMs: number): Effects {
    if (this.#timers.take('roundEnds', nowMs)) return this.#end(nowMs);
    if (this.#timers.take('sample', nowMs)) return this.#sample(nowMs);
    return this.#timers.take('nextRound', nowMs) ? this.#begin(nowMs) : nothing;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** As ListAccessPointNetworkQualities tells it, the nearest first. */
  snapshot(): readonly AccessPointSnapshot[] {
    return this.#order.map((id, place) => {
      const { rttMs, lossPercent } = this.#samples.get(id) ?? {};
      return {
        id,
        role: place === 0 ? 'nearest' : place === 1 ? 'standby' : 'candidate',
        ...(rttMs !== undefined && { rttMs }),
        ...(lossPercent !== undefined && { lossPercent }),
      };
    });
  }

  /** Who stays keeps its place; who comes is measured at once. */
  #narrow(candidates: readonly string[] | undefined, nowMs: number): Effects {
    const all = accessPointsOf(this.#config);
    this.#candidates = all.filter(({ id }) => candidates?.includes(id) ?? true);
    const ids = this.#candidates.map(({ id }) => id);
    const kept = this.#order.filter((id) => ids.includes(id));
    const order = [...kept, ...ids.filter((id) => !kept.includes(id))];
    if (order.join() === this.#order.join()) return nothing;
    this.#order = order;
    if (!this.#ranked) return nothing;
    return [...this.#rank(), ...(order.length < 2 ? nothing : this.#begin(nowMs))];
  }

  #begin(nowMs: number): Effects {
    if (!this.#started || this.#round !== undefined) return nothing;
    const [path] = pathsOf(this.#config.uplinks, this.#verdicts);
    const candidates = this.#nextCandidates();
    // With one gateway there is nothing to choose; without an uplink nothing to measure.
    if (candidates.length < 2) return this.#requests.length === 0 ? this.#rank() : this.#end(nowMs);
    if (path === undefined) {
      if (this.#ranked) this.#armNextRound(nowMs);
      return nothing;
    }
    this.#round = {
      candidates,
      sourceAddress: path.sourceAddress,
      open: new Map(),
      samplesLeft: SAMPLES,
    };
    for (const { id } of candidates) this.#samples.set(id, { sent: 0, rttsMs: [] });
    this.#timers.set('roundEnds', nowMs + ROUND_MS);
    return this.#sample(nowMs);
  }

  /** The first two of the order always, the others in turns. */
  #nextCandidates(): readonly GatewayAddress[] {
    const of = (id: string): readonly GatewayAddress[] =>
      this.#candidates.filter((gateway) => gateway.id === id);
    const front = this.#order.slice(0, 2).flatMap(of);
    const rest = this.#order.slice(2);
    const turn = rest.length === 0 ? 0 : (this.#rounds * (PROBED_MAX - 2)) % rest.length;
    const turned = [...rest.slice(turn), ...rest.slice(0, turn)].flatMap(of);
    return [...front, ...turned].slice(0, PROBED_MAX);
  }

  #sample(nowMs: number): Effects {
    const round = this.#round;
    if (round === undefined) return nothing;
    round.samplesLeft -= 1;
    if (round.samplesLeft > 0) this.#timers.set('sample', nowMs + SAMPLE_GAP_MS);
    return round.candidates.map(({ id, address, port }) => {
      const probeId = this.#serial;
      this.#serial += 1;
      round.open.set(probeId, id);
      const sampled = this.#samples.get(id);
      if (sampled !== undefined) sampled.sent += 1;
      const source = round.sourceAddress;
      const target = { address, port, ...(source !== undefined && { sourceAddress: source }) };
      return { type: 'probePath', probeId, target };
    });
  }

  #onAnswer(probeId: number, answer: ProbeAnswer, nowMs: number): Effects {
    const round = this.#round;
    const id = round?.open.get(probeId);
    if (round === undefined || id === undefined) return nothing;
    round.open.delete(probeId);
    if (answer.ok) this.#samples.get(id)?.rttsMs.push(answer.rttMs);
    return round.open.size === 0 && round.samplesLeft === 0 ? this.#end(nowMs) : nothing;
  }

  #end(nowMs: number): Effects {
    this.#round = undefined;
    this.#rounds += 1;
    this.#timers.clearAll();
    this.#armNextRound(nowMs);
    for (const [id, sampled] of this.#samples) this.#samples.set(id, settled(sampled));
    const requested = this.#requests.splice(0).map(
      (requestId): AccessPointsEffect => ({
        type: 'actionAnswered',
        requestId,
        ok: true,
        because: this.#figures(),
      }),
    );
    const before = this.#order;
    this.#order = rankOf(before, this.#samples);
    const isNews = before[0] !== this.#order[0] || before[1] !== this.#order[1];
    return [...(this.#ranked && !isNews ? nothing : this.#rank()), ...requested];
  }

  #rank(): Effects {
    this.#ranked = true;
    const order = this.#order;
    if (order.length < 2) return [{ type: 'accessPointsRanked', order }];
    const [nearest = '', standby = ''] = order;
    const because = this.#figures();
    const note = {
      code: 'accessPointsRanked',
      level: 'notice',
      nearest,
      standby,
      because,
    } as const;
    return [
      { type: 'accessPointsRanked', order },
      { type: 'noted', note },
    ];
  }

  #onRequest(requestId: string, nowMs: number): Effects {
    if (nowMs - this.#requestedAtMs < REQUEST_GAP_MS) {
      const because = `access points are measured once in ${REQUEST_GAP_MS / 1_000} s on request`;
      return [
        { type: 'actionAnswered', requestId, ok: false, code: 'ProbeFrequencyTooHigh', because },
      ];
    }
    this.#requestedAtMs = nowMs;
    this.#requests.push(requestId);
    return this.#begin(nowMs);
  }

  #figures(): string {
    return this.#order
      .map((id) => {
        const { rttMs, lossPercent } = this.#samples.get(id) ?? {};
        if (lossPercent === undefined) return `${id} not measured`;
        const loss = `${lossPercent.toFixed(2)}%`;
        return rttMs === undefined ? `${id} unreachable` : `${id} ${rttMs.toFixed(2)} ms ${loss}`;
      })
      .join(', ');
  }

  #armNextRound(nowMs: number): void {
    const everyMs = ROUND_EVERY_MS + uniformMs(this.#random, 0, ROUND_JITTER_MS);
    this.#timers.set('nextRound', nowMs + everyMs);
  }
}

function settled(sampled: Sampled): Sampled {
  const { sent, rttsMs } = sampled;
  if (sent === 0) return sampled;
  const lossPercent = (100 * (sent - rttsMs.length)) / sent;
  return { sent, rttsMs, lossPercent, ...(rttsMs.length > 0 && { rttMs: Math.min(...rttsMs) }) };
}
