/**
 * Acknowledgements and dump ends: whether a request was granted, and what the kernel said if not.
 */
import { errnoName } from './errno.ts';
import { align, type NetlinkMessage, readAttributes, textOf, viewOf } from './message-reader.ts';
import {
  NLM_F,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HEADER_BYTES,
  NLMSGERR_ATTR_MSG,
} from './netlink-numbers.ts';
import type { KernelResult } from './operations.ts';

const ERRNO_BYTES = 4;
const ERRNO_MAX = 4095;

/** The verdict of an NLMSG_ERROR or NLMSG_DONE; undefined when the message is neither or broken. */
export function parseAnswer(message: NetlinkMessage): KernelResult | undefined {
  const { type, payload } = message;
  if (type !== NLMSG_ERROR && type !== NLMSG_DONE) return undefined;
  if (payload.length < ERRNO_BYTES) return type === NLMSG_DONE ? { ok: true } : undefined;
  const errno = -viewOf(payload).getInt32(0, true);
  // A dump's end carries its count or zero; only a negative number is an error.
  if (errno <= 0 || errno > ERRNO_MAX) return { ok: true };
  return { ok: false, refusal: { code: errnoName(errno), errno, text: textIn(message) } };
}

/** The extended acknowledgement's sentence, or nothing. */
function textIn(message: NetlinkMessage): string {
  if ((message.flags & NLM_F.ACK_TLVS) === 0) return '';
  const offset = attributesOffset(message);
  if (offset === undefined || offset > message.payload.length) return '';
  const text = readAttributes(message.payload, offset)?.get(NLMSGERR_ATTR_MSG);
  return text === undefined ? '' : textOf(text);
}

/** The attributes stand behind the echoed request, of which a capped answer holds the header only. */
function attributesOffset({ type, flags, payload }: NetlinkMessage): number | undefined {
  if (type === NLMSG_DONE) return ERRNO_BYTES;
  if ((flags & NLM_F.CAPPED) !== 0) return ERRNO_BYTES + NLMSG_HEADER_BYTES;
  if (payload.length < ERRNO_BYTES + NLMSG_HEADER_BYTES) return undefined;
  return ERRNO_BYTES + align(viewOf(payload).getUint32(ERRNO_BYTES, true));
}
