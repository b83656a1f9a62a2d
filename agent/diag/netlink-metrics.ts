/** What the sockets to the kernel have been through, of either thread, as samples for Prometheus. */
import type { KernelCounters } from '../../firmware-shim/kernel/kernel-counters.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { counter, type Labels, type Metric, type Sample } from './metrics-format.ts';

type Value = (counters: KernelCounters) => number;

export function netlinkMetrics({ netlink, fastPath }: AgentSnapshot): readonly Metric[] {
  const threads = [
    ['control', netlink],
    ['fast-path', fastPath.netlink],
  ] as const;
  const of = (value: Value, labels: Labels = {}) =>
    threads.map(
      ([thread, counters]): Sample => [
        { thread, ...labels },
        counters === undefined ? undefined : value(counters),
      ],
    );
  return [
    counter(
      'netlink_overruns',
      'Times the kernel told changes faster than they were read, so that some were lost.',
      ...of(({ overruns }) => overruns),
    ),
    counter(
      'netlink_resyncs',
      'Times the whole of the kernel was looked at anew because of that.',
      ...of(({ resyncs }) => resyncs),
    ),
    counter(
      'netlink_dumps_torn',
      'Dumps begun again because the kernel changed meanwhile.',
      ...of(({ tornDumps }) => tornDumps),
    ),
    counter(
      'netlink_dumps_failed',
      'Dumps that came to nothing.',
      ...of((each) => each.failedDumps),
    ),
    counter(
      'netlink_operations',
      'Changes asked of the kernel, by what became of them.',
      ...of(({ acknowledged }) => acknowledged, { result: 'acknowledged' }),
      ...of(({ refused }) => refused, { result: 'refused' }),
    ),
    counter(
      'netlink_requests_dropped',
      'Requests never sent because too many waited.',
      ...of(({ refusedForRoom }) => refusedForRoom),
    ),
    counter(
      'netlink_messages_discarded',
      'Messages nothing could be made of, by what was wrong with them.',
      ...of((each) => each.malformed + each.malformedMessages, { reason: 'malformed' }),
      ...of(({ unexpected }) => unexpected, { reason: 'unexpected' }),
      ...of(({ foreign }) => foreign, { reason: 'foreign' }),
    ),
  ];
}
