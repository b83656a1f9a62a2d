/**
 * The netlink parser, fed with what a socket might hand over.
 *
 * Property: each message gives an event, `ignored` or `malformed`; an event of something that can be asked
 * for survives being asked for and read again; reading makes progress, whatever the lengths say.
 */
import type { Random } from '../../../firmware-shim/base/random.ts';
import { buildOperation } from '../../../firmware-shim/kernel/build-request.ts';
import { readMessages } from '../../../firmware-shim/kernel/message-reader.ts';
import { NLMSG_HEADER_BYTES } from '../../../firmware-shim/kernel/netlink-numbers.ts';
import type { KernelOperation } from '../../../firmware-shim/kernel/operations.ts';
import { parseAnswer } from '../../../firmware-shim/kernel/parse-answer.ts';
import { parseObject } from '../../../firmware-shim/kernel/parse-object.ts';
import { defaultPrefix } from '../../../firmware-shim/kernel/prefix.ts';
import type { KernelEvent, KernelRoute } from '../../../firmware-shim/kernel/types.ts';
import { netlinkVectors } from '../../kit/netlink-vectors.ts';
import { below } from '../mutation.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';

export const netlink: FuzzTarget = {
  bytesMax: 8_192,
  dictionary: ['wan1', 'wireguard', 'eth0;reboot', '..'],
  seeds: () =>
    [...netlinkVectors('events'), ...netlinkVectors('answers')].map(({ bytes }) => bytes),
  mend: withTrueLengths,
  check: (bytes) => {
    let messages = 0;
    const words = new Set<string>();
    const broken = readMessages(bytes, (message) => {
      messages += 1;
      const answer = parseAnswer(message);
      if (answer !== undefined) words.add(answer.ok ? 'granted' : 'refused');
      const object = parseObject(message);
      words.add(typeof object === 'string' ? object : heldEvent(object));
    });
    hold(broken === 0 || broken === 1, 'a broken length is not counted once');
    hold(
      messages <= bytes.length / NLMSG_HEADER_BYTES,
      'there are more messages than bytes for them',
    );
    if (messages === 0) return broken === 1 ? 'broken' : 'nothing';
    return (
      ['accepted', 'malformed', 'refused', 'granted'].find((word) => words.has(word)) ?? 'ignored'
    );
  },
};

function heldEvent(event: KernelEvent): string {
  const operation = askedFor(event);
  const built = operation && buildOperation(operation);
  // An address of the other family can be read and cannot be written; the kernel sends none.
  if (built?.ok !== true) return 'accepted';
  const again: unknown[] = [];
  readMessages(built.bytes, (message) => again.push(objectOf(parseObject(message))));
  holdEqual(again, [objectOf(event)], 'an event did not survive');
  return 'accepted';
}

/** Some routes are told and never asked for; and nobody asks for an address of no length, `10.0.0.0/0`. */
function isAskable(route: KernelRoute): boolean {
  const { destination, family, type } = route;
  if (type === 'other' || 'paths' in route) return false;
  return !destination.endsWith('/0') || destination === defaultPrefix(family);
}

/** The event without how it came about, which a request says in its own way. */
function objectOf(event: KernelEvent | string): unknown {
  return typeof event === 'string' ? event : { ...event, replaces: undefined };
}

/** The request that would make what the event tells of, where there is one. */
function askedFor(event: KernelEvent): KernelOperation | undefined {
  switch (event.type) {
    case 'addressAdded':
      return { op: 'addressReplace', address: event.address };
    case 'routeAdded':
      return isAskable(event.route) ? { op: 'routeAdd', route: event.route } : undefined;
    case 'ruleAdded':
      return { op: 'ruleAdd', rule: event.rule };
    case 'nexthopAdded':
      return { op: 'nexthopReplace', nexthop: event.nexthop };
    default:
      return undefined;
  }
}

/** Lets each message, or the first one, be as long as there are bytes. */
function withTrueLengths(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length < NLMSG_HEADER_BYTES) return bytes;
  const mended = bytes.slice();
  const view = new DataView(mended.buffer);
  const left = mended.length - NLMSG_HEADER_BYTES;
  const alone = (random.u32() & 1) === 0;
  view.setUint32(0, alone ? mended.length : NLMSG_HEADER_BYTES + below(random, left + 1), true);
  return mended;
}
