/**
 * The health checks of the document in force: when each sends its next probe, by which way, and what is told when a
 * status changes.
 *
 * A check that the next document repeats word for word runs on; any other begins anew, and nothing is known of it.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type {
  EchoAnswer,
  EchoTarget,
  HealthCheck,
  HealthCheckId,
  HealthCheckSnapshot,
  HealthFigures,
  HealthStatuses,
} from '../model/health-check.ts';
import type { HealthNote } from '../model/notes/health-note.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import { HealthCheckRun } from './health-check-run.ts';

/** So that checks with one interval do not send in one burst. */
const STAGGER_MS = 50;

export type HealthChecksEvent =
  | { readonly type: 'checksDesired'; readonly checks: readonly HealthCheck[] }
  | {
      readonly type: 'planned';
      /** Of the tunnels. */
      readonly devices: ReadonlyMap<TunnelId, string>;
      /** As they are in force: a document may have moved the LAN. */
      readonly lanPrefixes: readonly string[];
    }
  | { readonly type: 'uplinkChanged'; readonly uplink: UplinkId; readonly verdict: UplinkVerdict }
  | { readonly type: 'echoAnswered'; readonly probeId: number; readonly answer: EchoAnswer };

export type HealthChecksEffect =
  | { readonly type: 'sendEcho'; readonly probeId: number; readonly target: EchoTarget }
  /** One of them has another status, is new or is gone: all of them. */
  | { readonly type: 'healthCheckChanged'; readonly statuses: HealthStatuses }
  | { readonly type: 'noted'; readonly note: HealthNote };

type Effects = readonly HealthChecksEffect[];
/** How a probe leaves; a sentence when it cannot; undefined while that is not known. */
type Way = Omit<EchoTarget, 'address' | 'timeoutMs'> | string | undefined;

export class HealthChecks implements Core<HealthChecksEvent, HealthChecksEffect> {
  #runs: ReadonlyMap<HealthCheckId, HealthCheckRun> = new Map();
  #devices: ReadonlyMap<TunnelId, string> = new Map();
  #lanPrefixes: readonly string[];
  readonly #verdicts = new Map<UplinkId, UplinkVerdict>();
  #serial = 0;

  /** As they are configured; every plan says how they are then. */
  constructor(lanPrefixes: readonly string[]) {
    this.#lanPrefixes = lanPrefixes;
  }

  handle(event: HealthChecksEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'checksDesired':
        return this.#desire(event.checks, nowMs);
      case 'planned':
        this.#devices = event.devices;
        this.#lanPrefixes = event.lanPrefixes;
        return this.#wake(({ via }) => via !== undefined && event.devices.has(via), nowMs);
      case 'uplinkChanged':
        this.#verdicts.set(event.uplink, event.verdict);
        return this.#wake(({ via }) => via === event.uplink, nowMs);
      case 'echoAnswered': {
        const run = [...this.#runs.values()].find(({ openId }) => openId === event.probeId);
        return run === undefined ? nothing : this.#onAnswer(run, event.answer, nowMs);
      }
    }
  }

  tick(nowMs: number): Effects {
    return [...this.#runs.values()].flatMap((run) =>
      run.dueAtMs !== undefined && run.dueAtMs <= nowMs ? this.#begin(run, nowMs) : nothing,
    );
  }

  deadline(): Deadline | undefined {
    const dueMs = [...this.#runs.values()].flatMap(({ dueAtMs }) => dueAtMs ?? []);
    return dueMs.length === 0 ? undefined : { atMs: Math.min(...dueMs), why: 'health check' };
  }

  snapshot(): readonly HealthCheckSnapshot[] {
    return [...this.#runs.values()].map(({ check, status, last }) => ({
      id: check.id,
      status,
      destination: check.destination,
      ...(check.via !== undefined && { via: check.via }),
      ...(last !== undefined && { round: last }),
    }));
  }

  /** Of each check that was probed since this was last asked for. */
  takeFigures(): HealthFigures {
    const figures = [...this.#runs].flatMap(([id, run]) => {
      const taken = run.takeFigures();
      return taken === undefined ? [] : [[id, taken] as const];
    });
    return Object.fromEntries(figures);
  }

  #desire(checks: readonly HealthCheck[], nowMs: number): Effects {
    const before = this.#runs;
    this.#runs = new Map(
      checks.map((check, at) => {
        const run = new HealthCheckRun(check, nowMs + at * STAGGER_MS);
        const former = before.get(check.id);
        const isSame =
          former !== undefined && canonicalJson(former.check) === canonicalJson(run.check);
        return [check.id, isSame ? former : run];
      }),
    );
    const isChanged =
      before.size !== this.#runs.size ||
      [...this.#runs].some(([id, run]) => before.get(id) !== run);
    return isChanged ? [this.#changed()] : nothing;
  }

  /** What they waited for may have come. */
  #wake(isMeant: (check: HealthCheck) => boolean, nowMs: number): Effects {
    return [...this.#runs.values()]
      .filter(
        ({ check, last, dueAtMs }) => isMeant(check) && last === undefined && dueAtMs !== undefined,
      )
      .flatMap((run) => this.#begin(run, nowMs));
  }

  #begin(run: HealthCheckRun, nowMs: number): Effects {
    if (this.#wayOf(run.check) === undefined) {
      run.postpone(nowMs);
      return nothing;
    }
    run.begin(nowMs);
    return this.#probe(run, nowMs);
  }

  #probe(run: HealthCheckRun, nowMs: number): Effects {
    const way = this.#wayOf(run.check) ?? 'its way is gone';
    if (typeof way === 'string') return this.#onAnswer(run, { ok: false, because: way }, nowMs);
    this.#serial += 1;
    run.openId = this.#serial;
    const { destination: address, probeTimeoutMs: timeoutMs } = run.check;
    return [{ type: 'sendEcho', probeId: this.#serial, target: { address, timeoutMs, ...way } }];
  }

  #onAnswer(run: HealthCheckRun, answer: EchoAnswer, nowMs: number): Effects {
    const { status: before, check } = run;
    if (run.answered(answer, nowMs)) return this.#probe(run, nowMs);
    const { status, last } = run;
    if (status === before) return nothing;
    const because = last?.because ?? '';
    const { id, destination } = check;
    const level = status === 'failed' ? 'warning' : 'notice';
    const note = { code: 'healthCheckChanged', level, id, destination, status, because } as const;
    return [{ type: 'noted', note }, this.#changed()];
  }

  /** By its address an uplink is found in its own routing table; a tunnel is its device, and gives its address. */
  #wayOf({ via, source }: HealthCheck): Way {
    const from = source === undefined ? {} : { sourceAddress: source };
    if (via === undefined) return source === undefined ? { sourceWithin: this.#lanPrefixes } : from;
    const deviceName = this.#devices.get(via);
    if (deviceName !== undefined) return { ...from, deviceName };
    const verdict = this.#verdicts.get(via);
    if (verdict === undefined) return undefined;
    if (verdict.state === 'up') return { sourceAddress: verdict.address, ...from };
    return verdict.reason === 'not-observed-yet' ? undefined : `uplink ${via} is down`;
  }

  #changed(): HealthChecksEffect {
    const statuses = [...this.#runs].map(([id, { status }]) => [id, status] as const);
    return { type: 'healthCheckChanged', statuses: Object.fromEntries(statuses) };
  }
}
