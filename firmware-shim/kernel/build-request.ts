/**
 * Every operation and dump of this program as netlink requests.
 */
import { MessageWriter } from './message-writer.ts';
import {
  AF_UNSPEC,
  FR_ACT_TO_TBL,
  FRA,
  familyNumber,
  IFA,
  IFF_UP,
  IFLA,
  NHA,
  NLM_F,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RTA,
  RTM,
  RTN,
} from './netlink-numbers.ts';
import type { KernelOperation } from './operations.ts';
import { parsePrefix } from './prefix.ts';
import type { KernelAddress, KernelNexthop, KernelRoute, KernelRule, RouteType } from './types.ts';

/** A request ready to send, or why it can never be sent. */
export type BuiltRequest =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly problem: string };

/** The namespace an operation names by path, which the kernel wants as a descriptor. */
export function netnsPathOf(operation: KernelOperation): string | undefined {
  if (operation.op === 'linkSet') return operation.netnsPath;
  if (operation.op !== 'linkAdd' || operation.details.kind !== 'veth') return undefined;
  return operation.details.peerNetnsPath;
}

/** `netnsFd` is an open descriptor of `netnsPathOf(operation)`, where that is defined. */
export function buildOperation(operation: KernelOperation, netnsFd?: number): BuiltRequest {
  const writer = write(operation, netnsFd);
  return writer.problem === undefined
    ? { ok: true, bytes: writer.finish() }
    : { ok: false, problem: writer.problem };
}

function write(operation: KernelOperation, netnsFd: number | undefined): MessageWriter {
  switch (operation.op) {
    case 'linkAdd':
      return linkAdd(operation, netnsFd);
    case 'linkSet':
      return linkSet(operation, netnsFd);
    case 'linkDelete':
      return linkHeader(RTM.DELLINK, NLM_F.ACK, operation.index);
    case 'addressReplace':
      return address(RTM.NEWADDR, NLM_F.CREATE | NLM_F.REPLACE, operation.address);
    case 'addressDelete':
      return address(RTM.DELADDR, 0, operation.address);
    case 'routeAdd':
      return route(RTM.NEWROUTE, NLM_F.CREATE | NLM_F.EXCL, operation.route);
    case 'routeReplace':
      return route(RTM.NEWROUTE, NLM_F.CREATE | NLM_F.REPLACE, operation.route);
    case 'routeDelete':
      return route(RTM.DELROUTE, 0, operation.route);
    case 'ruleAdd':
      return rule(RTM.NEWRULE, NLM_F.CREATE | NLM_F.EXCL, operation.rule);
    case 'ruleDelete':
      return rule(RTM.DELRULE, 0, operation.rule);
    case 'nexthopReplace':
      return nexthop(operation.nexthop);
    case 'nexthopDelete':
      return nexthopDelete(operation.id);
  }
}

function linkHeader(type: number, flags: number, index: number, adminUp?: boolean): MessageWriter {
  const writer = new MessageWriter(type, flags);
  ifinfo(writer, index, adminUp);
  return writer;
}

function ifinfo(writer: MessageWriter, index: number, adminUp?: boolean): void {
  writer.u8(AF_UNSPEC, 0);
  writer.u16(0);
  writer.u32(index);
  writer.u32(adminUp === true ? IFF_UP : 0);
  writer.u32(adminUp === undefined ? 0 : IFF_UP);
}

function linkAdd(
  operation: Extract<KernelOperation, { op: 'linkAdd' }>,
  netnsFd: number | undefined,
): MessageWriter {
  const writer = linkHeader(RTM.NEWLINK, NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL, 0);
  const { details } = operation;
  writer.attributeName(IFLA.IFNAME, operation.name);
  if (operation.mtu !== undefined) writer.attributeU32(IFLA.MTU, operation.mtu);
  writer.nested(IFLA.LINKINFO, () => {
    writer.attributeBareText(IFLA.INFO_KIND, details.kind);
    if (details.kind === 'veth') {
      writer.nested(IFLA.INFO_DATA, () =>
        writer.nested(IFLA.VETH_PEER, () => {
          ifinfo(writer, 0);
          writer.attributeName(IFLA.IFNAME, details.peerName);
          if (netnsFd !== undefined) writer.attributeU32(IFLA.NET_NS_FD, netnsFd);
        }),
      );
    } else if (details.kind === 'vxlan') {
      writer.nested(IFLA.INFO_DATA, () => {
        writer.attributeU32(IFLA.VXLAN_ID, details.vni);
        writer.attributePort(IFLA.VXLAN_PORT, details.port);
      });
    }
  });
  return writer;
}

function linkSet(
  operation: Extract<KernelOperation, { op: 'linkSet' }>,
  netnsFd: number | undefined,
): MessageWriter {
  const writer = linkHeader(RTM.NEWLINK, NLM_F.ACK, operation.index, operation.adminUp);
  if (operation.name !== undefined) writer.attributeName(IFLA.IFNAME, operation.name);
  if (operation.mtu !== undefined) writer.attributeU32(IFLA.MTU, operation.mtu);
  if (operation.master !== undefined) writer.attributeU32(IFLA.MASTER, operation.master);
  if (netnsFd !== undefined) writer.attributeU32(IFLA.NET_NS_FD, netnsFd);
  return writer;
}

function address(type: number, flags: number, wanted: KernelAddress): MessageWriter {
  const writer = new MessageWriter(type, flags | NLM_F.ACK);
  writer.u8(familyNumber(wanted.family), wanted.prefixLength, 0, RT_SCOPE_UNIVERSE);
  writer.u32(wanted.deviceIndex);
  writer.attributeAddress(IFA.LOCAL, wanted.address, wanted.family);
  writer.attributeAddress(IFA.ADDRESS, wanted.address, wanted.family);
  return writer;
}

const ROUTE_TYPES: Readonly<Record<RouteType, number>> = {
  unicast: RTN.UNICAST,
  local: RTN.LOCAL,
  broadcast: RTN.BROADCAST,
  blackhole: RTN.BLACKHOLE,
  unreachable: RTN.UNREACHABLE,
  other: 0,
};

function route(type: number, flags: number, wanted: KernelRoute): MessageWriter {
  const writer = new MessageWriter(type, flags | NLM_F.ACK);
  const { family } = wanted;
  const destination = writer.prefix(wanted.destination, family);
  const scope = type === RTM.DELROUTE ? RT_SCOPE_NOWHERE : routeScope(wanted);
  // The table's byte is too narrow; the attribute below says which.
  writer.u8(familyNumber(family), destination.length, 0, wanted.tos ?? 0, 0);
  writer.u8(wanted.protocol, scope, ROUTE_TYPES[wanted.type]);
  writer.u32(0);
  writer.attributeU32(RTA.TABLE, wanted.table);
  if (destination.length > 0) writer.attribute(RTA.DST, destination.bytes);
  if (wanted.metric !== undefined) writer.attributeU32(RTA.PRIORITY, wanted.metric);
  if (wanted.gateway !== undefined) routeGateway(writer, wanted.gateway, wanted);
  if (wanted.deviceIndex !== undefined) writer.attributeU32(RTA.OIF, wanted.deviceIndex);
  if (wanted.nexthopId !== undefined) writer.attributeU32(RTA.NH_ID, wanted.nexthopId);
  if (wanted.source !== undefined) writer.attributeAddress(RTA.PREFSRC, wanted.source, family);
  return writer;
}

/** An IPv4 route through an IPv6 gateway is said with RTA_VIA. */
function routeGateway(writer: MessageWriter, gateway: string, wanted: KernelRoute): void {
  const family = parsePrefix(gateway)?.family;
  if (wanted.family === 'ipv4' && family === 'ipv6') {
    const { bytes } = writer.prefix(gateway, 'ipv6');
    writer.attribute(RTA.VIA, Uint8Array.of(familyNumber('ipv6'), 0, ...bytes));
  } else writer.attributeAddress(RTA.GATEWAY, gateway, wanted.family);
}

/** As `ip route` chooses it: how far away the destination is. */
function routeScope(wanted: KernelRoute): number {
  if (wanted.type === 'local') return RT_SCOPE_HOST;
  if (wanted.type === 'broadcast') return RT_SCOPE_LINK;
  const onLink =
    wanted.type === 'unicast' && wanted.gateway === undefined && wanted.nexthopId === undefined;
  return onLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

function rule(type: number, flags: number, wanted: KernelRule): MessageWriter {
  const writer = new MessageWriter(type, flags | NLM_F.ACK);
  const { family } = wanted;
  const to = writer.prefix(wanted.to, family);
  const from = writer.prefix(wanted.from, family);
  writer.u8(familyNumber(family), to.length, from.length, 0, 0, 0, 0, FR_ACT_TO_TBL);
  writer.u32(0);
  writer.attributeU32(FRA.PRIORITY, wanted.priority);
  writer.attributeU32(FRA.TABLE, wanted.table);
  if (wanted.protocol !== undefined) writer.attributeU8(FRA.PROTOCOL, wanted.protocol);
  if (wanted.to !== undefined) writer.attribute(FRA.DST, to.bytes);
  if (wanted.from !== undefined) writer.attribute(FRA.SRC, from.bytes);
  if (wanted.fwmark !== undefined) writer.attributeU32(FRA.FWMARK, wanted.fwmark);
  return writer;
}

function nexthop(wanted: KernelNexthop): MessageWriter {
  const writer = new MessageWriter(RTM.NEWNEXTHOP, NLM_F.ACK | NLM_F.CREATE | NLM_F.REPLACE);
  // A group belongs to no family.
  const family = wanted.group === undefined ? familyNumber(wanted.family) : AF_UNSPEC;
  writer.u8(family, 0, wanted.protocol, 0);
  writer.u32(0);
  writer.attributeU32(NHA.ID, wanted.id);
  if (wanted.group !== undefined) {
    const members = wanted.group;
    writer.nested(NHA.GROUP, () => {
      for (const member of members) {
        writer.u32(member.id);
        // The kernel counts weights from zero.
        writer.u16(member.weight - 1);
        writer.u16(0);
      }
    });
  }
  if (wanted.blackhole === true) writer.attribute(NHA.BLACKHOLE, new Uint8Array(0));
  if (wanted.deviceIndex !== undefined) writer.attributeU32(NHA.OIF, wanted.deviceIndex);
  if (wanted.gateway !== undefined) {
    writer.attributeAddress(NHA.GATEWAY, wanted.gateway, wanted.family);
  }
  return writer;
}

function nexthopDelete(id: number): MessageWriter {
  const writer = new MessageWriter(RTM.DELNEXTHOP, NLM_F.ACK);
  writer.u8(AF_UNSPEC, 0, 0, 0);
  writer.u32(0);
  writer.attributeU32(NHA.ID, id);
  return writer;
}
