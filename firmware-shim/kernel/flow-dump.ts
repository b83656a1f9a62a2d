/**
 * Asks connection tracking for the flows with certain marks, and counts what it tells (ctnetlink, as in the
 * kernel's nfnetlink_conntrack.h).
 */
import { type NetlinkMessage, readAttributes, viewOf } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import { AF_UNSPEC, NLM_F, NLMSG_DONE, NLMSG_ERROR } from './netlink-numbers.ts';

export const NETLINK_NETFILTER = 12;

const SUBSYSTEM = 1 << 8;
const CT_NEW = SUBSYSTEM;
const CT_GET = SUBSYSTEM | 1;
/** struct nfgenmsg: family, version, resource in network byte order. */
const HEADER_BYTES = 4;
const CTA = { PROTOINFO: 4, MARK: 8, MARK_MASK: 21 } as const;
const CTA_PROTOINFO_TCP = 1;
const CTA_PROTOINFO_TCP_STATE = 1;
/** TCP_CONNTRACK_TIME_WAIT; above it only CLOSE: both ends have said goodbye. */
const TIME_WAIT = 7;

/** The kernel filters by the mark itself. */
export function flowDumpRequest({
  value,
  mask,
}: {
  readonly value: number;
  readonly mask: number;
}): Uint8Array {
  const writer = new MessageWriter(CT_GET, NLM_F.DUMP);
  writer.u8(AF_UNSPEC, 0, 0, 0);
  writer.attribute(CTA.MARK, bigEndian(value));
  writer.attribute(CTA.MARK_MASK, bigEndian(mask));
  return writer.finish();
}

/** What one message of the answer says. */
export type FlowAnswer =
  | { readonly type: 'flow'; readonly mark: number }
  | { readonly type: 'done' }
  | { readonly type: 'refused'; readonly errno: number }
  | { readonly type: 'ignored' };

export function parseFlow({ type, payload }: NetlinkMessage): FlowAnswer {
  if (type === NLMSG_DONE) return { type: 'done' };
  if (type === NLMSG_ERROR) {
    return payload.length < 4
      ? { type: 'ignored' }
      : { type: 'refused', errno: -viewOf(payload).getInt32(0, true) };
  }
  if (type !== CT_NEW || payload.length < HEADER_BYTES) return { type: 'ignored' };
  const attributes = readAttributes(payload, HEADER_BYTES);
  const mark = attributes?.get(CTA.MARK);
  if (attributes === undefined || mark?.length !== 4) return { type: 'ignored' };
  const state = tcpState(attributes.get(CTA.PROTOINFO));
  if (state !== undefined && state >= TIME_WAIT) return { type: 'ignored' };
  return { type: 'flow', mark: viewOf(mark).getUint32(0, false) };
}

function tcpState(info: Uint8Array | undefined): number | undefined {
  const tcp = info && readAttributes(info, 0)?.get(CTA_PROTOINFO_TCP);
  return tcp && readAttributes(tcp, 0)?.get(CTA_PROTOINFO_TCP_STATE)?.[0];
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, false);
  return bytes;
}
