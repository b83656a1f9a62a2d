/**
 * The only owner of the prefixes' routes: keeps them on the active tunnel and puts back what disappears.
 *
 * Every event ends in the same step, "make the kernel hold what is wanted", which for a change of the active
 * tunnel comes out as one replace of the nexthop group. Objects of a former run are adopted, stale ones
 * removed, those of others never touched. While nobody has said what is desired, what a former run left stays.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { KernelOperation, KernelResult } from '../../firmware-shim/kernel/operations.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { DataStop } from '../model/data-stop.ts';
import type { TunnelShare } from '../model/decision.ts';
import { DeviceView } from '../model/device-view.ts';
import { type FastPathPlan, NOTHING_DESIRED } from '../model/fast-path.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { KeeperEffect, KeeperEvent, Ticket } from './keeper-events.ts';
import {
  decisiveAt,
  isAlreadyGone,
  notesOf,
  operationWords,
  refusalNotes,
} from './keeper-words.ts';
import { PutBackLimit } from './put-back-limit.ts';
import { adoptedShares } from './route-adoption.ts';
import { carriesNexthops, RouteMirror } from './route-mirror.ts';
import { nexthopAdds, nexthopDeletes, type TunnelSlot, wantedNexthops } from './route-objects.ts';
import { SlotBook } from './slot-book.ts';
import { WantedRoutes } from './wanted-routes.ts';

/** The kernel answers within microseconds; after this the change is told without its answer. */
export const ANSWER_WAIT_MS = 1_000;
/** After a refusal: at once enough for a race with a device that is just coming, then ever slower. */
export const RETRY_MS = { first: 10, max: 1_000 } as const;

export class RouteKeeper implements Core<KeeperEvent, KeeperEffect> {
  readonly #mirror = new RouteMirror();
  readonly #devices = new DeviceView();
  readonly #slots = new SlotBook();
  readonly #wanted = new WantedRoutes();
  readonly #timers = new Timers<'retry' | 'answer'>();
  readonly #tickets = new Map<number, Ticket>();
  #plan: FastPathPlan | undefined;
  #active: TunnelId | undefined;
  /** All that carry the prefixes, the active one among them. */
  #members: readonly TunnelShare[] = [];
  /** Why the prefixes lead nowhere whatever tunnel is active. */
  #stop: DataStop | undefined;
  #toldActive = false;
  #ticket = 0;
  #retryMs: number = RETRY_MS.first;
  readonly #putBacks = new PutBackLimit();
  #waiting: { readonly ticket: number; readonly activation: number } | undefined;

  handle(event: KeeperEvent, nowMs: number): readonly KeeperEffect[] {
    switch (event.type) {
      case 'planReceived':
        return this.#hearPlan(event.plan, nowMs);
      case 'kernelChanged':
        return this.#hearKernel(event.events, nowMs);
      case 'kernelAnswered':
        return this.#hearAnswer(event.ticket, event.result, event.sentAtMs, nowMs);
      case 'activate':
        this.#active = event.tunnel;
        this.#members = event.members;
        this.#toldActive = true;
        return this.#reconcile(nowMs, event.activation);
      case 'dataStopChanged':
        this.#stop = event.stop;
        return this.#reconcile(nowMs);
      case 'setDeviceMtu':
        return this.#setDeviceMtu(event.tunnel, event.mtu, nowMs);
    }
  }

  tick(nowMs: number): readonly KeeperEffect[] {
    const silent = this.#timers.take('answer', nowMs) ? this.#giveUpAnswer() : nothing;
    const retried = this.#timers.take('retry', nowMs) ? this.#reconcile(nowMs) : nothing;
    return [...silent, ...retried];
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  snapshot() {
    const plan = this.#plan;
    const there = this.#mirror.routes;
    const { refused } = this.#wanted;
    const lan = this.#wanted.lanSnapshot(there);
    return {
      table: plan?.table ?? 0,
      prefixes: plan?.prefixes ?? [],
      installed: plan !== undefined && this.#wanted.isInstalled(there),
      via: this.#via(),
      ...(this.#stop === undefined ? {} : { stop: this.#stop }),
      ...(refused.length > 0 && { refused }),
      ...(lan.length > 0 && { lan }),
    };
  }

  #hearPlan(plan: FastPathPlan, nowMs: number): readonly KeeperEffect[] {
    this.#plan = plan;
    return [...refusalNotes(this.#wanted.plan(plan)), ...this.#reconcile(nowMs)];
  }

  #hearKernel(events: readonly KernelEvent[], nowMs: number): readonly KeeperEffect[] {
    this.#devices.apply(events);
    const taken = this.#mirror.apply(events);
    const notes = notesOf(taken);
    const untilMs = this.#putBacks.waitUntilMs(taken.destinations.length, nowMs);
    if (untilMs === undefined) return [...notes, ...this.#reconcile(nowMs)];
    this.#timers.set('retry', untilMs);
    return notes;
  }

  #hearAnswer(
    number: number,
    result: KernelResult,
    sentAtMs: number | undefined,
    nowMs: number,
  ): readonly KeeperEffect[] {
    const ticket = this.#tickets.get(number);
    if (ticket === undefined) return nothing;
    this.#tickets.delete(number);
    const refusal =
      result.ok || isAlreadyGone(ticket.operation, result) ? undefined : result.refusal;
    const effects: KeeperEffect[] = [];
    if (refusal !== undefined) {
      const operation = operationWords(ticket.operation);
      const { code: errno, text } = refusal;
      const note = { code: 'kernelRefused', level: 'error', operation, errno, text } as const;
      effects.push({ type: 'note', note });
      this.#mirror.refused(ticket.operation);
      this.#timers.set('retry', nowMs + this.#retryMs);
      this.#retryMs = Math.min(RETRY_MS.max, this.#retryMs * 2);
    } else {
      if (!result.ok) this.#mirror.refused(ticket.operation);
      effects.push(...this.#installed(ticket));
    }
    if (ticket.activation !== undefined && this.#waiting?.ticket === number) {
      this.#waiting = undefined;
      this.#timers.clear('answer');
      const failure = refusal && `the kernel refused it: ${refusal.code} ${refusal.text}`.trim();
      effects.push({
        type: 'activated',
        activation: ticket.activation,
        ...(sentAtMs === undefined ? {} : { sentAtMs }),
        ...(failure === undefined ? {} : { failure }),
      });
    }
    return effects;
  }

  #installed(ticket: Ticket): readonly KeeperEffect[] {
    if (ticket.operation.op === 'nexthopReplace') this.#retryMs = RETRY_MS.first;
    const prefixes = ticket.installs;
    if (prefixes === undefined) return nothing;
    const nexthop = this.#via();
    return [{ type: 'note', note: { code: 'routesInstalled', level: 'info', prefixes, nexthop } }];
  }

  #giveUpAnswer(): readonly KeeperEffect[] {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return nothing;
    const failure = `the kernel has not answered for ${ANSWER_WAIT_MS} ms`;
    const note = { code: 'kernelSilent', level: 'error', waitedMs: ANSWER_WAIT_MS } as const;
    return [
      { type: 'note', note },
      { type: 'activated', activation: waiting.activation, failure },
    ];
  }

  /** Makes the kernel hold what is wanted; needs to know both first. */
  #reconcile(nowMs: number, activation?: number): readonly KeeperEffect[] {
    const plan = this.#plan;
    if (plan === undefined || plan.revision === NOTHING_DESIRED || !this.#mirror.complete) {
      return this.#answerNow(activation, 'the kernel has not been seen yet');
    }
    const slots = this.#tunnelSlots(plan);
    const adopted = this.#adopt(slots);
    const operations = this.#operations(plan, slots);
    const carried = slots.find((each) => each.tunnel === this.#active);
    const unusable = this.#active !== undefined && carried?.deviceIndex === undefined;
    const decisive = unusable ? -1 : decisiveAt(operations);
    const lastRouteAt = operations.findLastIndex((each) => each.op === 'routeReplace');
    const installs = operations.filter((each) => each.op === 'routeReplace').length;
    const performed = operations.map((operation, at) =>
      this.#perform(
        {
          operation,
          ...(at === decisive && activation !== undefined ? { activation } : {}),
          ...(at === lastRouteAt ? { installs } : {}),
        },
        nowMs,
      ),
    );
    if (activation === undefined || decisive >= 0) return [...adopted, ...performed];
    const failure = unusable ? 'its device cannot carry routes' : undefined;
    return [...adopted, ...performed, ...this.#answerNow(activation, failure)];
  }

  #operations(plan: FastPathPlan, slots: readonly TunnelSlot[]): readonly KernelOperation[] {
    const isStopped = this.#stop !== undefined;
    const members = isStopped ? nothing : this.#members;
    const nexthops = wantedNexthops(this.#wanted.families, slots, members);
    const carried = slots.some(
      (each) => each.tunnel === this.#active && each.deviceIndex !== undefined,
    );
    const prefixes = isStopped || carried || plan.policy.allDown === 'blackhole';
    const routes = this.#wanted.difference(this.#mirror, this.#devices, { prefixes });
    return [
      ...nexthopAdds(this.#mirror.nexthops, nexthops),
      ...routes,
      ...nexthopDeletes(this.#mirror.nexthops, nexthops),
    ];
  }

  #perform(ticket: Ticket, nowMs: number): KeeperEffect {
    this.#ticket += 1;
    this.#tickets.set(this.#ticket, ticket);
    this.#mirror.order(ticket.operation);
    if (ticket.activation !== undefined) {
      this.#waiting = { ticket: this.#ticket, activation: ticket.activation };
      this.#timers.set('answer', nowMs + ANSWER_WAIT_MS);
    }
    return { type: 'performKernel', ticket: this.#ticket, operation: ticket.operation };
  }

  #answerNow(activation: number | undefined, failure: string | undefined): readonly KeeperEffect[] {
    if (activation === undefined) return nothing;
    return [{ type: 'activated', activation, ...(failure === undefined ? {} : { failure }) }];
  }

  /** Before anybody chose: if the group of a former run leads into a tunnel of the plan, that one stays. */
  #adopt(slots: readonly TunnelSlot[]): readonly KeeperEffect[] {
    if (this.#toldActive) return nothing;
    this.#toldActive = true;
    const members = adoptedShares(this.#mirror.nexthops, slots);
    const [first] = members;
    if (first === undefined) return nothing;
    const { tunnel } = first;
    this.#active = tunnel;
    this.#members = members;
    const prefixes = this.#mirror.routes.size;
    return [
      { type: 'note', note: { code: 'routesAdopted', level: 'info', prefixes } },
      { type: 'adopted', tunnel, members },
    ];
  }

  #tunnelSlots(plan: FastPathPlan): readonly TunnelSlot[] {
    const indexed = plan.tunnels.map(({ id, deviceName }) => {
      const link = this.#devices.linkByName(deviceName);
      return { tunnel: id, deviceIndex: link && carriesNexthops(link) ? link.index : undefined };
    });
    return this.#slots.assign(indexed, this.#mirror.nexthops);
  }

  #setDeviceMtu(tunnel: TunnelId, mtu: number, nowMs: number): readonly KeeperEffect[] {
    const name = this.#plan?.tunnels.find((each) => each.id === tunnel)?.deviceName;
    const link = name === undefined ? undefined : this.#devices.linkByName(name);
    if (link === undefined) return nothing;
    return [this.#perform({ operation: { op: 'linkSet', index: link.index, mtu } }, nowMs)];
  }

  #via(): string {
    if (this.#stop !== undefined) return 'blackhole';
    const device = this.#plan?.tunnels.find((each) => each.id === this.#active)?.deviceName;
    return device ?? this.#plan?.policy.allDown ?? 'nothing';
  }
}
