/**
 * What a pair of netlink sockets has been through, as plain numbers that only grow.
 */
import type { LiveViewCounters } from './live-view.ts';
import type { RequesterCounters } from './requester.ts';

export interface KernelCounters extends LiveViewCounters, RequesterCounters {
  readonly malformedMessages: number;
  /** Messages that some process, not the kernel, sent to our sockets. */
  readonly foreign: number;
}
