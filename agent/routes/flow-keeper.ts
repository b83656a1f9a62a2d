/**
 * The only owner of the rules that keep flows where they began: when traffic returns to a better tunnel, the flows
 * that began on the backup stay on it until they end, and only those that had been pushed off return.
 *
 * Nothing waits for it. The flip is the route keeper's one replace of the nexthop group; the rules of a backup are
 * put before that of a return, and taken away as soon as the backup is doubted: its flows then follow the group.
 * What a former run left is removed at first sight, because nobody knows how long it has stood.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { KernelOperation, KernelResult } from '../../firmware-shim/kernel/operations.ts';
import type { Family, KernelEvent } from '../../firmware-shim/kernel/types.ts';
import { DeviceView } from '../model/device-view.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import { type FlowCount, flowTable, isFlowRoute, isFlowRule } from '../model/flow-mark.ts';
import type { Note } from '../model/note.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { UplinkId } from '../model/uplink.ts';
import type { FlowEffect, FlowEvent } from './flow-events.ts';
import { isAlreadyGone, operationWords } from './keeper-words.ts';
import { holdOperations, type KeptFlows, releaseOperations } from './kept-flows.ts';

/**
 * Longer than most calls and downloads; a flow that never ends must not cost a metered backup for ever, and an
 * application that lives for hours survives one change of path.
 */
export const STAY_MS_MAX = 900_000;
/** Conntrack forgets a quiet UDP flow after 30 s, so a faster count tells nothing new. */
export const COUNT_MS = 10_000;

export class FlowKeeper implements Core<FlowEvent, FlowEffect> {
  readonly #devices = new DeviceView();
  readonly #timers = new Timers<'count' | 'release'>();
  readonly #kept = new Map<TunnelId, KeptFlows>();
  readonly #orders = new Map<number, KernelOperation>();
  #plan: FastPathPlan | undefined;
  #isStopped = false;
  #ticket = 0;

  handle(event: FlowEvent, nowMs: number): readonly FlowEffect[] {
    switch (event.type) {
      case 'planReceived':
        return this.#hearPlan(event.plan);
      case 'kernelChanged':
        return this.#hearKernel(event.events);
      case 'kernelAnswered':
        return this.#hearAnswer(event.ticket, event.result);
      case 'trafficMoved':
        this.#overtake(event.to, nowMs);
        return event.cause === 'better' && event.from !== undefined && !this.#isStopped
          ? this.#keep(event.from, nowMs)
          : nothing;
      case 'dataStopChanged':
        // A flow that was kept would go on where no other may.
        this.#isStopped = event.stop !== undefined;
        return this.#isStopped ? this.#releaseAll('user traffic is stopped') : nothing;
      case 'tunnelDoubted':
        return this.#release(event.tunnel, event.because);
      case 'uplinkLost':
        return this.#leaveUplink(event.uplink);
      case 'flowsCounted':
        return this.#hearCount(event.flows);
    }
  }

  tick(nowMs: number): readonly FlowEffect[] {
    const due = this.#timers.take('release', nowMs)
      ? [...this.#kept.values()].filter(({ untilMs }) => untilMs <= nowMs)
      : [];
    const released = due.flatMap(({ tunnel, because }) => this.#release(tunnel, because));
    const counts = this.#timers.take('count', nowMs);
    this.#arm();
    if (!counts || this.#kept.size === 0) return released;
    this.#timers.set('count', nowMs + COUNT_MS);
    return [...released, { type: 'countFlows' }];
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** What stays, where, and for how long at most. */
  snapshot(nowMs: number) {
    return [...this.#kept.values()].map(({ tunnel, flows, untilMs }) => ({
      tunnel,
      leftMs: Math.max(0, untilMs - nowMs),
      ...(flows === undefined ? {} : { flows }),
    }));
  }

  /** A flow is kept in a tunnel by where it began, not by its destination: other prefixes end that. */
  #hearPlan(plan: FastPathPlan): readonly FlowEffect[] {
    const before = this.#plan;
    this.#plan = plan;
    const moved = before !== undefined && before.prefixes.join(' ') !== plan.prefixes.join(' ');
    return [...this.#kept.values()].flatMap(({ tunnel, mark }) => {
      const planned = plan.tunnels.find(({ id }) => id === tunnel);
      if (planned?.flowMark !== mark) return this.#release(tunnel, 'the plan has no such tunnel');
      return moved ? this.#release(tunnel, 'other prefixes are reached now') : nothing;
    });
  }

  #hearKernel(events: readonly KernelEvent[]): readonly FlowEffect[] {
    this.#devices.apply(events);
    const tables = new Set([...this.#kept.values()].map(({ mark }) => flowTable(mark)));
    return events.flatMap((event): readonly FlowEffect[] => {
      if (event.type === 'ruleAdded' && isFlowRule(event.rule)) {
        const { rule } = event;
        return tables.has(rule.table) ? nothing : [this.#perform({ op: 'ruleDelete', rule })];
      }
      if (event.type === 'routeAdded' && isFlowRoute(event.route)) {
        const { route } = event;
        return tables.has(route.table) ? nothing : [this.#perform({ op: 'routeDelete', route })];
      }
      return nothing;
    });
  }

  #releaseAll(because: string): readonly FlowEffect[] {
    return [...this.#kept.keys()].flatMap((tunnel) => this.#release(tunnel, because));
  }

  /** A refused rule costs the comfort, not the traffic: its flows return with all others. */
  #hearAnswer(ticket: number, result: KernelResult): readonly FlowEffect[] {
    const operation = this.#orders.get(ticket);
    this.#orders.delete(ticket);
    if (operation === undefined || result.ok || isGone(operation, result)) return nothing;
    const { code: errno, text } = result.refusal;
    const words = operationWords(operation);
    return [noted({ code: 'kernelRefused', level: 'error', operation: words, errno, text })];
  }

  /** What carries all traffic again needs no rule; that can wait for the next tick, the flip cannot. */
  #overtake(to: TunnelId | undefined, nowMs: number): void {
    const kept = to === undefined ? undefined : this.#kept.get(to);
    if (kept === undefined) return;
    kept.untilMs = nowMs;
    kept.because = 'it carries all traffic again';
    this.#arm();
  }

  #keep(tunnel: TunnelId, nowMs: number): readonly FlowEffect[] {
    const planned = this.#plan?.tunnels.find(({ id }) => id === tunnel);
    const device = planned && this.#devices.linkByName(planned.deviceName);
    if (planned?.flowMark === undefined || device === undefined) return nothing;
    const kept: KeptFlows = {
      tunnel,
      mark: planned.flowMark,
      deviceIndex: device.index,
      families: familiesOf(this.#plan?.prefixes ?? []),
      untilMs: nowMs + STAY_MS_MAX,
      because: 'they have stayed long enough',
      flows: undefined,
    };
    this.#kept.set(tunnel, kept);
    this.#timers.set('count', nowMs);
    this.#arm();
    return [
      ...holdOperations(kept).map((each) => this.#perform(each)),
      noted({ code: 'flowsStay', level: 'info', tunnel, forMsMax: STAY_MS_MAX }),
    ];
  }

  #release(tunnel: TunnelId, because: string): readonly FlowEffect[] {
    const kept = this.#kept.get(tunnel);
    if (kept === undefined) return nothing;
    this.#kept.delete(tunnel);
    this.#arm();
    const flows = kept.flows === undefined ? {} : { flows: kept.flows };
    return [
      ...releaseOperations(kept).map((each) => this.#perform(each)),
      noted({ code: 'flowsReleased', level: 'info', tunnel, because, ...flows }),
    ];
  }

  #leaveUplink(uplink: UplinkId): readonly FlowEffect[] {
    const over = (this.#plan?.tunnels ?? []).filter((each) => each.uplink === uplink);
    return over.flatMap(({ id }) => this.#release(id, `uplink ${uplink} is down`));
  }

  /** Those that have ended need no rule any more; where nobody can count, time alone ends it. */
  #hearCount(counts: readonly FlowCount[] | undefined): readonly FlowEffect[] {
    const kept = [...this.#kept.values()];
    for (const each of kept) {
      const found = counts?.find(({ mark }) => mark === each.mark)?.flows ?? 0;
      each.flows = counts === undefined ? undefined : found;
    }
    return kept
      .filter(({ flows }) => flows === 0)
      .flatMap(({ tunnel }) => this.#release(tunnel, 'all of them have ended'));
  }

  #perform(operation: KernelOperation): FlowEffect {
    // Downwards, so that an answer is told from one for the route keeper, which counts upwards.
    this.#ticket -= 1;
    this.#orders.set(this.#ticket, operation);
    return { type: 'performKernel', ticket: this.#ticket, operation };
  }

  #arm(): void {
    if (this.#kept.size === 0) return this.#timers.clearAll();
    this.#timers.set('release', Math.min(...[...this.#kept.values()].map((each) => each.untilMs)));
  }
}

function isGone(operation: KernelOperation, result: KernelResult): boolean {
  if (isAlreadyGone(operation, result)) return true;
  const code = result.ok ? '' : result.refusal.code;
  return operation.op === 'ruleAdd'
    ? code === 'EEXIST'
    : operation.op === 'ruleDelete' && code === 'ENOENT';
}

function familiesOf(prefixes: readonly string[]): readonly Family[] {
  const has = (family: Family): boolean =>
    prefixes.some((prefix) => prefix.includes(':') === (family === 'ipv6'));
  return (['ipv4', 'ipv6'] as const).filter(has);
}

function noted(note: Note): FlowEffect {
  return { type: 'note', note };
}
