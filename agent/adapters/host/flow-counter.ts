/**
 * Counts the flows of our connection marks, by one filtered dump of connection tracking over a netlink socket that
 * lives as long as the count. Needs CAP_NET_ADMIN and no file of root's; tells nothing where the kernel has no
 * connection tracking.
 */
import {
  loadNative,
  type NetlinkHandlers,
  type NetlinkSocket,
} from '../../../firmware-shim/adapters/native.ts';
import {
  flowDumpRequest,
  NETLINK_NETFILTER,
  parseFlow,
} from '../../../firmware-shim/kernel/flow-dump.ts';
import { readMessages } from '../../../firmware-shim/kernel/message-reader.ts';
import { FLOW_MARKS, type FlowCount } from '../../model/flow-mark.ts';

/** A dump of the largest table takes milliseconds. */
const ANSWER_MS_MAX = 2_000;
const RCVBUF_BYTES = 1 << 20;

export async function countFlows(netnsPath?: string): Promise<readonly FlowCount[] | undefined> {
  return new Promise((resolve) => {
    const counts = new Map<number, number>();
    const end = (told: boolean): void => {
      clearTimeout(timeout);
      socket?.close();
      resolve(told ? [...counts].map(([mark, flows]) => ({ mark, flows })) : undefined);
    };
    const timeout = setTimeout(() => end(false), ANSWER_MS_MAX);
    const socket = ask(netnsPath, {
      onBatch: (bytes) => {
        readMessages(bytes, (message) => {
          const answer = parseFlow(message);
          if (answer.type === 'flow') counts.set(answer.mark, (counts.get(answer.mark) ?? 0) + 1);
          if (answer.type === 'done' || answer.type === 'refused') end(answer.type === 'done');
        });
      },
      onOverrun: () => end(false),
      onForeign: () => undefined,
      onFailed: () => end(false),
    });
    if (socket === undefined) end(false);
  });
}

function ask(netnsPath: string | undefined, handlers: NetlinkHandlers): NetlinkSocket | undefined {
  const inNetns = netnsPath === undefined ? {} : { netnsPath };
  const options = {
    ...inNetns,
    protocol: NETLINK_NETFILTER,
    groups: [],
    rcvbufBytes: RCVBUF_BYTES,
  };
  try {
    const socket = loadNative().netlinkSocket(options, handlers);
    socket.send(flowDumpRequest({ value: FLOW_MARKS.base, mask: FLOW_MARKS.mask }));
    return socket;
  } catch {
    // No such protocol in this kernel, or no right to it.
    return undefined;
  }
}
