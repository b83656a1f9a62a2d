/**
 * Collects what a snapshot of the agent is made of: the last words of the board, of the fast path, and the notes.
 */

import { BoundedQueue } from '../../firmware-shim/base/bounded-queue.ts';
import type { HostMetrics } from '../../firmware-shim/host/host-metrics.ts';
import type { ResyncNote } from '../../firmware-shim/kernel/mirror-news.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import type { BoardReport, Hello } from '../../firmware-shim/wire/messages.ts';
import type { FastPathFact, FastPathPlan } from '../model/fast-path.ts';
import { sagMetrics } from '../model/host-metrics.ts';
import type { Note } from '../model/note.ts';
import type {
  AgentSnapshot,
  BoardSnapshot,
  EngineFigures,
  FastPathSnapshot,
  HostSnapshot,
  TimedNote,
} from '../model/snapshot.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { Uplink } from '../model/uplink.ts';
import type { ControlOptions } from './control-options.ts';

/** Enough to tell the story of a bad night, little enough to print. */
const NOTES_MAX = 500;

/** What the run is. */
interface Run extends Pick<ControlOptions, 'config' | 'bootId'> {
  readonly inventory: Pick<ControlOptions['inventory'], 'agentVersion'>;
  readonly startedAtMs: number;
  readonly engines: ReadonlyMap<TunnelId, EngineFigures>;
}
type CoreSnapshots = Pick<
  AgentSnapshot,
  'registration' | 'endToEnd' | 'healthChecks' | 'desired' | 'wan' | 'outbox'
>;

export class ControlSnapshot {
  readonly #notes = new BoundedQueue<TimedNote>(NOTES_MAX);
  readonly #reports = new Map<string, BoardReport>();
  readonly #uplinks: readonly Uplink[];
  #hello: Hello | undefined;
  #boardState: BoardSnapshot['state'] = 'lost';
  #boardSinceMs = 0;
  #fastPath: FastPathSnapshot | undefined;
  #host: HostSnapshot | undefined;
  #scheduling = 'not started';
  #plan: FastPathPlan | undefined;

  constructor(uplinks: readonly Uplink[]) {
    this.#uplinks = uplinks;
  }

  /** Everything, with what the cores say of themselves. */
  whole(run: Run, cores: CoreSnapshots, nowMs: number): AgentSnapshot {
    const { config, inventory, bootId, startedAtMs, engines } = run;
    const host = this.#host;
    return {
      nowMs,
      agent: {
        version: inventory.agentVersion,
        bootId,
        startedAtMs,
        area: config.area,
        fastPathScheduling: this.#scheduling,
      },
      board: this.#boardSnapshot(),
      ...(host !== undefined && { host }),
      ...cores,
      fastPath: this.#fastPathSnapshot(nowMs, engines),
      notes: this.#notes.toArray(),
    };
  }

  note(note: Note, atMs: number, wallMs: number): void {
    this.#notes.push({ atMs, wallMs, note });
  }

  fastPathTold(
    fact: Extract<FastPathFact, { readonly type: 'fastPathReady' | 'snapshotTaken' }>,
  ): void {
    if (fact.type === 'fastPathReady') this.#scheduling = fact.scheduling;
    // What the worker tells of itself crosses as plain data of this very shape.
    else {
      const { netlink } = fact;
      const snapshot = fact.snapshot as FastPathSnapshot;
      this.#fastPath = netlink === undefined ? snapshot : { ...snapshot, netlink };
    }
  }

  planSent(plan: FastPathPlan): void {
    this.#plan = plan;
  }

  /** Without the single devices, of which there may be a thousand. */
  hostSampled(host: HostMetrics): void {
    const { atMs, uptimeS, temperatures, problems } = host;
    const metrics = sagMetrics(host);
    this.#host = {
      atMs,
      ...(uptimeS !== undefined && { uptimeS }),
      temperatures,
      problems,
      metrics,
    };
  }

  board(event: BoardEvent, nowMs: number): void {
    switch (event.type) {
      case 'boardUp':
        this.#hello = event.hello;
        this.#turn('up', nowMs);
        break;
      case 'boardLost':
        this.#turn('lost', nowMs);
        break;
      case 'boardReported':
        this.#reports.set(reportKey(event.report), event.report);
        break;
      case 'boardCommandDone':
        break;
    }
  }

  #boardSnapshot(): BoardSnapshot {
    return {
      state: this.#boardState,
      sinceMs: this.#boardSinceMs,
      ...(this.#hello === undefined ? {} : { hello: this.#hello }),
      reports: [...this.#reports.values()],
    };
  }

  /** Until the fast path has spoken: what we asked of it, with nothing known. */
  #fastPathSnapshot(
    nowMs: number,
    engines: ReadonlyMap<TunnelId, EngineFigures>,
  ): FastPathSnapshot {
    if (this.#fastPath !== undefined) return withEngines(this.#fastPath, engines);
    const verdict = { state: 'down', sinceMs: nowMs, reason: 'not-observed-yet' } as const;
    return {
      nowMs,
      uplinks: this.#uplinks.map((uplink) => ({ ...uplink, verdict })),
      tunnels: [],
      choice: { because: 'The fast path has not reported yet.', candidates: [] },
      changes: [],
      routes: {
        table: this.#plan?.table ?? 0,
        prefixes: this.#plan?.prefixes ?? [],
        installed: false,
        via: '',
      },
    };
  }

  #turn(state: BoardSnapshot['state'], nowMs: number): void {
    this.#boardState = state;
    this.#boardSinceMs = nowMs;
  }
}

function withEngines(
  fastPath: FastPathSnapshot,
  engines: ReadonlyMap<TunnelId, EngineFigures>,
): FastPathSnapshot {
  const tunnels = fastPath.tunnels.map((tunnel) => {
    const engine = engines.get(tunnel.id);
    return engine === undefined ? tunnel : { ...tunnel, engine };
  });
  return { ...fastPath, tunnels };
}

function reportKey(report: BoardReport): string {
  return report.kind === 'portCarrier' ? `${report.kind} ${report.port}` : report.kind;
}

/** Lost kernel messages are one note with what changed. */
export function resynced(
  note: ResyncNote | undefined,
): readonly { readonly type: 'noted'; readonly note: ResyncNote }[] {
  return note === undefined ? [] : [{ type: 'noted', note }];
}
