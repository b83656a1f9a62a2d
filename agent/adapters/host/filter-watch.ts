/**
 * Hears of every change somebody makes to nftables tables of ours, from the kernel's own multicast group, so that rules
 * somebody flushed are back within a second and not only after the next look.
 *
 * An event, because without an ACL every moment counts, and because looking that often would cost a process each time.
 * What was changed is not read here: whoever hears of it compares the tables with what was written. Where the group
 * cannot be heard, or something was missed, the looks that come now and then find it.
 */
import { loadNative, type NetlinkSocket } from '../../../firmware-shim/adapters/native.ts';
import { NETLINK_NETFILTER } from '../../../firmware-shim/kernel/flow-dump.ts';

/** NFNLGRP_NFTABLES (linux/netfilter/nfnetlink.h): one burst of messages for each transaction. */
const NFTABLES_GROUP = 7;
/** A ruleset of others may be large, and only ours matters. */
const RCVBUF_BYTES = 1 << 20;

/** `tables` are bare names, such as `sag_agent`; undefined where the kernel has no such group. */
export function watchFilter(
  tables: readonly string[],
  netnsPath: string | undefined,
  onTouched: () => void,
): NetlinkSocket | undefined {
  const inNetns = netnsPath === undefined ? {} : { netnsPath };
  const options = {
    ...inNetns,
    protocol: NETLINK_NETFILTER,
    groups: [NFTABLES_GROUP],
    rcvbufBytes: RCVBUF_BYTES,
  };
  try {
    return loadNative().netlinkSocket(options, {
      onBatch: (bytes) => {
        // Every message about a table carries its name, closed by a zero.
        const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        if (tables.some((table) => text.includes(`${table}\0`))) onTouched();
      },
      onOverrun: onTouched,
      onForeign: () => undefined,
      onFailed: () => undefined,
    });
  } catch {
    return undefined;
  }
}
