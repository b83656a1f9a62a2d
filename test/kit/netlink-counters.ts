/** Counters of sockets to the kernel on which a little of everything went wrong, each figure another one. */
import type { KernelCounters } from '../../firmware-shim/kernel/kernel-counters.ts';

export const WORN: KernelCounters = {
  overruns: 3,
  resyncs: 2,
  failedDumps: 1,
  acknowledged: 40,
  refused: 5,
  malformed: 6,
  malformedMessages: 7,
  unexpected: 8,
  tornDumps: 9,
  refusedForRoom: 10,
  foreign: 11,
};
