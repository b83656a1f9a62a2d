/**
 * One health check as it runs: rounds of probes, and the status that follows from rounds in a row.
 *
 * A round is `probeCount` echo requests, one after the other. It is lost when none is answered, late when the answers
 * took longer than the limit on average, and good otherwise. `failCountThreshold` lost rounds in a row, or
 * `rttFailThreshold` late ones, are a failure; one good round is a success. Rounds begin `probeIntervalMs` apart, and
 * never before the last one has ended (CreateHealthCheck).
 */
import {
  type EchoAnswer,
  type HealthCheck,
  type HealthFigures,
  type HealthRound,
  type HealthStatus,
  PROBE_COUNT,
  PROBE_INTERVAL_MS,
  PROBE_TIMEOUT_MS,
  RTT_THRESHOLD_MS,
  THRESHOLD,
} from '../model/health-check.ts';

const PERCENT = 100;

type Parameters = Required<
  Pick<
    HealthCheck,
    | 'probeIntervalMs'
    | 'probeTimeoutMs'
    | 'probeCount'
    | 'failCountThreshold'
    | 'rttThresholdMs'
    | 'rttFailThreshold'
  >
>;

export const DEFAULTS: Parameters = {
  probeIntervalMs: PROBE_INTERVAL_MS.default,
  probeTimeoutMs: PROBE_TIMEOUT_MS.default,
  probeCount: PROBE_COUNT.default,
  failCountThreshold: THRESHOLD.default,
  rttThresholdMs: RTT_THRESHOLD_MS.off,
  rttFailThreshold: THRESHOLD.default,
};

/** A round under way. */
interface Round {
  readonly beganAtMs: number;
  readonly rttsMs: number[];
  lost: number;
  because: string | undefined;
}

export class HealthCheckRun {
  readonly check: HealthCheck & Parameters;
  status: HealthStatus = 'unknown';
  /** The request that is out. */
  openId: number | undefined;
  /** When the next round begins; undefined while one is under way. */
  dueAtMs: number | undefined;
  last: HealthRound | undefined;
  #round: Round | undefined;
  /** Of all probes since somebody asked. */
  #sent = 0;
  #rttsMs = { count: 0, sumMs: 0 };
  #lostRounds = 0;
  #lateRounds = 0;

  constructor(check: HealthCheck, dueAtMs: number) {
    this.check = { ...DEFAULTS, ...check };
    this.dueAtMs = dueAtMs;
  }

  begin(nowMs: number): void {
    this.dueAtMs = undefined;
    this.#round = { beganAtMs: nowMs, rttsMs: [], lost: 0, because: undefined };
  }

  /** Nothing can be sent yet, so nothing is known either. */
  postpone(nowMs: number): void {
    this.dueAtMs = nowMs + this.check.probeIntervalMs;
  }

  /** False once the round has ended; whoever asks sends the next probe while it has not. */
  answered(answer: EchoAnswer, nowMs: number): boolean {
    this.openId = undefined;
    const round = this.#round;
    if (round === undefined) return false;
    const isMute = !answer.ok && answer.mute === true;
    if (!isMute) this.#count(answer);
    if (answer.ok) round.rttsMs.push(answer.rttMs);
    else {
      round.lost += 1;
      round.because = answer.because;
    }
    if (!isMute && round.rttsMs.length + round.lost < this.check.probeCount) return true;
    this.#round = undefined;
    this.dueAtMs = Math.max(nowMs, round.beganAtMs + this.check.probeIntervalMs);
    this.last = figuresOf(round);
    this.status = isMute ? this.#mute() : this.#judge(this.last.rttMs);
    return false;
  }

  takeFigures(): HealthFigures[string] | undefined {
    const sent = this.#sent;
    const { count, sumMs } = this.#rttsMs;
    this.#sent = 0;
    this.#rttsMs = { count: 0, sumMs: 0 };
    if (sent === 0) return undefined;
    const lossPercent = (PERCENT * (sent - count)) / sent;
    return { lossPercent, ...(count > 0 && { rttMs: sumMs / count }) };
  }

  #count(answer: EchoAnswer): void {
    this.#sent += 1;
    if (!answer.ok) return;
    const { count, sumMs } = this.#rttsMs;
    this.#rttsMs = { count: count + 1, sumMs: sumMs + answer.rttMs };
  }

  #mute(): HealthStatus {
    this.#lostRounds = 0;
    this.#lateRounds = 0;
    return 'unknown';
  }

  #judge(rttMs: number | undefined): HealthStatus {
    const { rttThresholdMs, failCountThreshold, rttFailThreshold } = this.check;
    if (rttMs === undefined) {
      this.#lostRounds += 1;
      return this.#lostRounds >= failCountThreshold ? 'failed' : this.status;
    }
    this.#lostRounds = 0;
    if (rttThresholdMs === RTT_THRESHOLD_MS.off || rttMs <= rttThresholdMs) {
      this.#lateRounds = 0;
      return 'success';
    }
    this.#lateRounds += 1;
    return this.#lateRounds >= rttFailThreshold ? 'failed' : this.status;
  }
}

function figuresOf({ rttsMs, lost, because }: Round): HealthRound {
  const sumMs = rttsMs.reduce((sum, rttMs) => sum + rttMs, 0);
  return {
    lossPercent: (PERCENT * lost) / (rttsMs.length + lost),
    ...(rttsMs.length > 0 && { rttMs: sumMs / rttsMs.length }),
    ...(because !== undefined && { because }),
  };
}
