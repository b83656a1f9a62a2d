/**
 * The session sender of STAMP in one tunnel (RFC 8762 section 4.2): probes at a steady rate while the tunnel
 * is Up, and keeps what their answers tell.
 *
 * It never judges liveness. After a late wake-up of ours answers still count as answers, but what they say
 * about time is ours and not the path's.
 */
import { type Core, type Deadline, nothing } from '../../../firmware-shim/base/core.ts';
import { type Random, uniformMs } from '../../../firmware-shim/base/random.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import type { PathQualityFigures } from '../../model/quality.ts';
import type { UplinkKind } from '../../model/uplink.ts';
import { PathQuality } from './path-quality.ts';
import { decodeStampReply, encodeStampRequest, STAMP_BYTES } from './stamp-packet.ts';
import { STAMP_ERROR_ESTIMATE, stampDifferenceMs, stampTime } from './stamp-time.ts';

export type StampEvent =
  | { readonly type: 'enabled'; readonly intervalMs: number }
  | { readonly type: 'disabled' }
  | { readonly type: 'packetArrived'; readonly bytes: Uint8Array }
  | { readonly type: 'wokeLate'; readonly lateMs: number };

export type StampEffect = { readonly type: 'sendStamp'; readonly bytes: Uint8Array };

/** RFC 8972 session identifier of the quality probes. */
export const QUALITY_SESSION = 1;
/** Long enough for percentiles at ten a second, short enough that a brown-out shows within seconds. */
export const WINDOW_MS = { wired: 10_000, 'leased-line': 10_000, lte: 60_000 } as const;

/**
 * Ten a second cost 1 kB/s each way with all headers: nothing on a wire, 5 GB a month on a metered card, so
 * there it is one in two seconds.
 */
const INTERVAL_MS: Readonly<Record<UplinkKind, number>> = {
  wired: 100,
  'leased-line': 100,
  lte: 2_000,
};

/** Never faster than thrice the liveness probes: whoever slowed those down had a reason. */
export function stampIntervalMs(kind: UplinkKind, bfdIntervalMs: number): number {
  return Math.max(INTERVAL_MS[kind], bfdIntervalMs / 3);
}

/** Senders that started together drift apart. */
const SPREAD = 0.1;
/** Whoever looks at every step is shown the same figures for a moment: making them means sorting. */
const FIGURES_AGE_MS = 250;
/** For so long after a late wake-up what arrives may have waited for us. */
const LATE_GRACE_MS = 50;

export class StampSender implements Core<StampEvent, StampEffect> {
  readonly #random: Random;
  readonly #quality = new PathQuality();
  readonly #timers = new Timers<'probe'>();
  #intervalMs: number | undefined;
  #sequence = 0;
  #spoiltUntilMs = 0;
  #discarded = 0;
  #figured: { readonly atMs: number; readonly figures: PathQualityFigures } | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  handle(event: StampEvent, nowMs: number): readonly StampEffect[] {
    switch (event.type) {
      case 'enabled':
        if (this.#intervalMs === undefined) {
          this.#quality.restart();
          this.#figured = undefined;
          this.#timers.set('probe', nowMs + uniformMs(this.#random, 0, event.intervalMs));
        }
        this.#intervalMs = event.intervalMs;
        return nothing;
      case 'disabled':
        this.#intervalMs = undefined;
        this.#timers.clear('probe');
        return nothing;
      case 'packetArrived':
        this.#hear(event.bytes, nowMs);
        return nothing;
      case 'wokeLate':
        // The sockets were drained before anybody knew that we slept.
        this.#quality.spoil(nowMs - event.lateMs);
        this.#figured = undefined;
        this.#spoiltUntilMs = nowMs + LATE_GRACE_MS;
        return nothing;
    }
  }

  tick(nowMs: number): readonly StampEffect[] {
    if (this.#intervalMs === undefined || !this.#timers.take('probe', nowMs)) return nothing;
    const intervalMs = this.#intervalMs;
    const spreadMs = intervalMs * SPREAD;
    const waitMs = uniformMs(this.#random, intervalMs - spreadMs, intervalMs + spreadMs);
    this.#timers.set('probe', nowMs + waitMs);
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) >>> 0;
    this.#quality.sent(sequence, nowMs);
    const bytes = encodeStampRequest({
      sequence,
      sent: stampTime(nowMs),
      errorEstimate: STAMP_ERROR_ESTIMATE,
      session: QUALITY_SESSION,
      length: STAMP_BYTES,
    });
    return [{ type: 'sendStamp', bytes }];
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** Undefined while nothing is measured; at most a quarter of a second old. */
  figures(windowMs: number, nowMs: number): PathQualityFigures | undefined {
    if (this.#intervalMs === undefined) return undefined;
    const before = this.#figured;
    const isFresh = before !== undefined && nowMs - before.atMs < FIGURES_AGE_MS;
    if (isFresh && before.figures.windowMs === windowMs) return before.figures;
    const figures = this.#quality.figures(windowMs, nowMs);
    this.#figured = { atMs: nowMs, figures };
    return figures;
  }

  snapshot(windowMs: number, nowMs: number) {
    return {
      ...(this.#intervalMs === undefined ? {} : { intervalMs: this.#intervalMs }),
      ...this.figures(windowMs, nowMs),
      discarded: this.#discarded,
    };
  }

  #hear(bytes: Uint8Array, nowMs: number): void {
    const decoded = decodeStampReply(bytes, QUALITY_SESSION);
    if (!decoded.ok) {
      this.#discarded += 1;
      return;
    }
    const { request, received, sent, sequence } = decoded.packet;
    const now = stampTime(nowMs);
    const transitUpMs = stampDifferenceMs(received, request.sent);
    const transitDownMs = stampDifferenceMs(now, sent);
    const answer = {
      sequence: request.sequence,
      reflected: sequence,
      // (T4 - T1) - (T3 - T2): the reflector's clock falls out.
      rttMs: nowMs < this.#spoiltUntilMs ? undefined : transitUpMs + transitDownMs,
      transitUpMs,
      transitDownMs,
    };
    if (!this.#quality.answered(answer, nowMs)) this.#discarded += 1;
  }
}
