/**
 * What the kernel says about its objects, as events.
 *
 * A message about something outside our vocabulary is `ignored`; one whose bytes contradict themselves is
 * `malformed`. Neither ever throws.
 */

import type { NetlinkMessage, Unparsed } from './message-reader.ts';
import { NLM_F, RTM } from './netlink-numbers.ts';
import { parseLink, parseNeighbour } from './parse-device.ts';
import { parseRoute } from './parse-route.ts';
import { parseAddressMessage, parseNexthop, parseRule } from './parse-routing.ts';
import type { KernelEvent } from './types.ts';

/** The event of one RTM_NEW… or RTM_DEL… message. */
export function parseObject(message: NetlinkMessage): KernelEvent | Unparsed {
  const { type, payload } = message;
  switch (type) {
    case RTM.NEWLINK:
    case RTM.DELLINK:
      return parseLink(payload, type === RTM.DELLINK);
    case RTM.NEWADDR:
    case RTM.DELADDR:
      return parseAddressMessage(payload, type === RTM.DELADDR);
    case RTM.NEWROUTE:
      return parseRoute(payload, (message.flags & NLM_F.REPLACE) === 0 ? 'added' : 'replaced');
    case RTM.DELROUTE:
      return parseRoute(payload, 'removed');
    case RTM.NEWRULE:
    case RTM.DELRULE:
      return parseRule(payload, type === RTM.DELRULE);
    case RTM.NEWNEXTHOP:
    case RTM.DELNEXTHOP:
      return parseNexthop(payload, type === RTM.DELNEXTHOP);
    case RTM.NEWNEIGH:
    case RTM.DELNEIGH:
      return parseNeighbour(payload, type === RTM.DELNEIGH);
    default:
      return 'ignored';
  }
}
