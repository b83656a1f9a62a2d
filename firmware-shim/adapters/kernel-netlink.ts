/**
 * The real kernel behind the `Kernel` contract: two netlink sockets of one network namespace.
 *
 * One socket hears the multicast groups, the other carries requests and dumps: on a shared one, events in
 * the middle of a dump break it. All thinking is in firmware-shim/kernel; this file holds descriptors.
 */
import { closeSync, openSync } from 'node:fs';
import { assert } from '../base/assert.ts';
import { belongsToDump, buildDump, emptyDumpErrno } from '../kernel/build-dump.ts';
import { buildOperation, netnsPathOf } from '../kernel/build-request.ts';
import { errnoNumber } from '../kernel/errno.ts';
import type { KernelCounters } from '../kernel/kernel-counters.ts';
import { LiveView } from '../kernel/live-view.ts';
import { readMessages } from '../kernel/message-reader.ts';
import { KernelMirror } from '../kernel/mirror.ts';
import type { MirrorNews, MirrorOptions } from '../kernel/mirror-news.ts';
import { NETLINK_ROUTE, RTM, RTNLGRP } from '../kernel/netlink-numbers.ts';
import type {
  KernelDump,
  KernelDumpResult,
  KernelOperation,
  KernelResult,
} from '../kernel/operations.ts';
import { parseObject } from '../kernel/parse-object.ts';
import { type Lane, Requester } from '../kernel/requester.ts';
import type { KernelEvent } from '../kernel/types.ts';
import type { Kernel, KernelListener } from '../ports.ts';
import { loadNative, type NativeShim, type NetlinkSocket } from './native.ts';

/** An event is charged some 830 bytes, so this rides out a burst of about 10,000 while the loop is busy. */
export const RCVBUF_BYTES = 4 * 1024 * 1024;
/** Answers are few: at most a window of acknowledgements, and dumps wait for their reader. */
const REQUEST_RCVBUF_BYTES = 1024 * 1024;

/** What a kernel's events come from, neighbours aside. */
export const VIEW_GROUPS: readonly number[] = [
  RTNLGRP.LINK,
  RTNLGRP.IPV4_IFADDR,
  RTNLGRP.IPV6_IFADDR,
  RTNLGRP.IPV4_ROUTE,
  RTNLGRP.IPV6_ROUTE,
  RTNLGRP.IPV4_RULE,
  RTNLGRP.IPV6_RULE,
  RTNLGRP.NEXTHOP,
];

/**
 * Kernels somebody waits for: they have a listener or an unanswered request, and may not be collected as
 * garbage even if nobody holds them. One that was opened and forgotten may, and its sockets close.
 */
const awaited = new Set<KernelNetlink>();

export interface KernelNetlinkOptions {
  /** Such as `/run/netns/branch`; absent means this process's own namespace. */
  readonly netnsPath?: string;
  readonly rcvbufBytes?: number;
  /** Neighbour events are many and few care: heard only when asked for. */
  readonly neighbours?: boolean;
}

export class KernelNetlink implements Kernel {
  readonly #requests: NetlinkSocket;
  readonly #requester: Requester;
  readonly #events: NetlinkSocket;
  readonly #view: LiveView;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** How the view and its mirror ask again. */
  readonly #viewPort = {
    dump: (what: KernelDump, done: (result: KernelDumpResult) => void) =>
      this.#dump('view', what, done),
    afterMs: (delayMs: number, run: () => void) => this.#later(delayMs, run),
  };
  #listener: KernelListener | undefined;
  #mirror: KernelMirror | undefined;
  #unanswered = 0;
  #malformedMessages = 0;
  #foreign = 0;
  #closed = false;

  constructor(options: KernelNetlinkOptions) {
    const native = loadNative();
    this.#requester = new Requester({
      send: (bytes) => errnoOf(() => this.#requests.send(bytes)),
      defer: (run) => queueMicrotask(run),
    });
    const deliver = (events: readonly KernelEvent[]): void => this.#listener?.(events);
    this.#view = new LiveView({ ...this.#viewPort, deliver }, options.neighbours);
    // Events first: a change made between the two opens is then seen by the dump.
    this.#events = this.#openEvents(native, options);
    this.#requests = this.#openRequests(native, options);
  }

  listen(listener: KernelListener): void {
    assert(!this.#closed, 'a closed kernel tells nothing');
    assert(this.#listener === undefined, 'a kernel has at most one listener');
    this.#listener = listener;
    awaited.add(this);
    this.#view.start();
  }

  mirror(tell: (news: MirrorNews) => void, options: MirrorOptions = {}): KernelMirror {
    const mirror = new KernelMirror({ ...this.#viewPort, tell }, options);
    this.listen((events) => mirror.hear(events));
    this.#mirror = mirror;
    return mirror;
  }

  perform(operation: KernelOperation, done: (result: KernelResult) => void): void {
    this.#unanswered += 1;
    awaited.add(this);
    const netnsPath = netnsPathOf(operation);
    let netnsFd: number | undefined;
    const finish = (result: KernelResult): void => {
      if (netnsFd !== undefined) closeSync(netnsFd);
      this.#answered();
      done(result);
    };
    const failure =
      netnsPath === undefined ? '' : errnoOf(() => (netnsFd = openSync(netnsPath, 'r')));
    if (failure !== '') {
      const text = `network namespace ${netnsPath}`;
      this.#requester.refuse({ code: failure, errno: errnoNumber(failure), text }, finish);
      return;
    }
    const request = buildOperation(operation, netnsFd);
    if (request.ok) this.#requester.operate(request.bytes, finish);
    else {
      const refusal = { code: 'EINVAL', errno: errnoNumber('EINVAL'), text: request.problem };
      this.#requester.refuse(refusal, finish);
    }
  }

  dump(what: KernelDump, done: (result: KernelDumpResult) => void): void {
    this.#unanswered += 1;
    awaited.add(this);
    this.#dump('caller', what, (result) => {
      this.#answered();
      done(result);
    });
  }

  /** What went wrong below so far, as plain numbers. */
  counters(): KernelCounters {
    return {
      ...this.#requester.counters,
      ...this.#view.counters,
      malformedMessages: this.#malformedMessages,
      foreign: this.#foreign,
    };
  }

  /** Idempotent. What is still asked for is refused with ESHUTDOWN; the listener hears nothing more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#view.stop();
    this.#mirror?.stop();
    this.#requester.close();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#events.close();
    this.#requests.close();
    this.#listener = undefined;
    if (this.#unanswered === 0) awaited.delete(this);
  }

  #answered(): void {
    this.#unanswered -= 1;
    if (this.#unanswered === 0 && this.#listener === undefined) awaited.delete(this);
  }

  #dump(lane: Lane, what: KernelDump, done: (result: KernelDumpResult) => void): void {
    const request = {
      messages: buildDump(what),
      emptyErrno: emptyDumpErrno(what),
      belongs: (event: KernelEvent) => belongsToDump(what, event),
    };
    this.#requester.dump(lane, request, done);
  }

  #openEvents(native: NativeShim, options: KernelNetlinkOptions): NetlinkSocket {
    const groups = options.neighbours === true ? [...VIEW_GROUPS, RTNLGRP.NEIGH] : VIEW_GROUPS;
    return native.netlinkSocket(
      {
        ...(options.netnsPath !== undefined && { netnsPath: options.netnsPath }),
        protocol: NETLINK_ROUTE,
        groups,
        rcvbufBytes: options.rcvbufBytes ?? RCVBUF_BYTES,
      },
      {
        onBatch: (bytes) => this.#hearEvents(bytes),
        onOverrun: () => this.#missed(),
        onForeign: (count) => (this.#foreign += count),
        onFailed: unreadable,
      },
    );
  }

  #openRequests(native: NativeShim, options: KernelNetlinkOptions): NetlinkSocket {
    return native.netlinkSocket(
      {
        ...(options.netnsPath !== undefined && { netnsPath: options.netnsPath }),
        protocol: NETLINK_ROUTE,
        groups: [],
        rcvbufBytes: REQUEST_RCVBUF_BYTES,
      },
      {
        onBatch: (bytes) => this.#answersIn(bytes),
        onOverrun: () => this.#requester.overrun(),
        onForeign: (count) => (this.#foreign += count),
        onFailed: unreadable,
      },
    );
  }

  #answersIn(bytes: Uint8Array): void {
    this.#malformedMessages += readMessages(bytes, (message) => this.#requester.receive(message));
  }

  /** A link's change goes up at once: who waits for a lost carrier does not wait for what came behind it. */
  #hearEvents(bytes: Uint8Array): void {
    let events: KernelEvent[] = [];
    try {
      this.#malformedMessages += readMessages(bytes, (message) => {
        const event = parseObject(message);
        if (event === 'malformed') this.#malformedMessages += 1;
        else if (event !== 'ignored') events.push(event);
        if (message.type !== RTM.NEWLINK) return;
        this.#view.changed(events);
        events = [];
      });
      this.#view.changed(events);
    } catch (error) {
      // The listener failed in the middle of a batch: the rest of it is lost like in an overrun.
      this.#missed();
      throw error;
    }
  }

  #missed(): void {
    this.#mirror?.missed();
    this.#view.overrun();
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
  }
}

/** An open netlink socket that cannot be read is not something the kernel does; the process starts anew. */
function unreadable(code: string): never {
  throw new Error(`netlink socket cannot be read: ${code}`);
}

/** Runs a call that fails with an errno name; '' when it did not fail. */
function errnoOf(call: () => void): string {
  try {
    call();
    return '';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
}
