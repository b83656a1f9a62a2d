/**
 * The steps from what exists to what is wanted, as data, in the order they are to be taken.
 *
 * Each uplink has a routing table of its own: a default route over that uplink and, behind it, an unreachable
 * route. A rule on the fwmark sends the outer packets of its tunnels there, a rule on the source address the
 * gateway connection bound to it. So each stays on its uplink, also while that uplink is down: then it fails,
 * and does not leak over another one.
 */

import { defaultPrefix } from '../../firmware-shim/kernel/prefix.ts';
import {
  type Family,
  type KernelRoute,
  type KernelRule,
  ROUTE_PROTOCOL,
} from '../../firmware-shim/kernel/types.ts';
import type { RuleName, TrafficPolicy } from '../model/traffic-policy.ts';
import type { TunnelSpec } from '../model/tunnel.ts';
import type { Uplink } from '../model/uplink.ts';
import type { WanLine } from '../model/wan.ts';
import { dhcpStep } from './dhcp-step.ts';
import type { EffectiveLanPort } from './effective-lan.ts';
import { flowRules } from './flow-rules.ts';
import { lanSteps } from './lan-steps.ts';
import { FALLBACK_METRIC, uplinkNumbers } from './number-plan.ts';
import type { ObservedState } from './observed-state.ts';
import { type PathMtus, packetRules, textOf } from './packet-rules.ts';
import type { Step } from './step.ts';
import { wanSteps } from './wan/wan-steps.ts';

export interface Wanted {
  readonly uplinks: readonly Uplink[];
  readonly lan?: readonly EffectiveLanPort[];
  /** Undefined while no document is known: then no tunnel is made, and none removed. */
  readonly tunnels: readonly TunnelSpec[] | undefined;
  /** What the paths carry, where it was found out. */
  readonly pathMtus?: PathMtus;
  readonly traffic?: TrafficPolicy | undefined;
  /** What was set at the box. */
  readonly lines?: readonly WanLine[];
  /** Rules of it that the kernel does not take are left out. */
  isRefused?(rule: RuleName): boolean;
}

export function nextSteps(wanted: Wanted, observed: ObservedState): readonly Step[] {
  const rules = wanted.uplinks.flatMap((uplink, index) => rulesOf(uplink, index, observed));
  return [
    ...wanSteps(wanted.lines ?? [], observed),
    ...wanted.uplinks.flatMap((uplink, index) => routeSteps(uplink, index, observed)),
    ...rules.flatMap((rule) => (observed.hasRule(rule) ? [] : [addRule(rule)])),
    ...staleRules(rules, observed).map(deleteRule),
    ...lanSteps(wanted.lan ?? [], observed),
    ...dhcpStep(wanted.lan ?? [], observed),
    ...tunnelSteps(wanted, observed),
    ...ruleSteps(wanted, observed),
    ...flowSteps(wanted, observed),
  ];
}

function routeSteps(uplink: Uplink, index: number, observed: ObservedState): readonly Step[] {
  const family = familyOf(uplink.gateway);
  const { table } = uplinkNumbers(index);
  const destination = defaultPrefix(family);
  const shared = { family, destination, table, protocol: ROUTE_PROTOCOL } as const;
  const fallback: KernelRoute = { ...shared, type: 'unreachable', metric: FALLBACK_METRIC };
  const link = observed.devices.linkByName(uplink.deviceName);
  const isReady =
    link?.adminUp === true && observed.devices.usableAddress(link.index) !== undefined;
  const routes: KernelRoute[] = [fallback];
  if (isReady) {
    const { gateway } = uplink;
    routes.push({ ...shared, type: 'unicast', gateway, deviceIndex: link.index });
  }
  return routes
    .filter((route) => !observed.hasRoute(route))
    .map((route) => ({
      key: `route ${table} ${route.type}`,
      sentence:
        route.type === 'unicast'
          ? `Route packets that belong to ${uplink.id} over its own gateway ${uplink.gateway}.`
          : `Let packets that belong to ${uplink.id} fail while it is down, instead of leaking.`,
      action: { do: 'kernel', operation: { op: 'routeReplace', route } },
      uplink: uplink.id,
    }));
}

function rulesOf(uplink: Uplink, index: number, observed: ObservedState): readonly KernelRule[] {
  const family = familyOf(uplink.gateway);
  const { table, markPriority, sourcePriority, fwmark } = uplinkNumbers(index);
  const shared = { family, table, protocol: ROUTE_PROTOCOL } as const;
  const link = observed.devices.linkByName(uplink.deviceName);
  const address = link === undefined ? undefined : observed.devices.usableAddress(link.index);
  const mark: KernelRule = { ...shared, priority: markPriority, fwmark };
  if (address === undefined || familyOf(address) !== family) return [mark];
  const from = `${address}/${family === 'ipv4' ? 32 : 128}`;
  return [mark, { ...shared, priority: sourcePriority, from }];
}

function staleRules(rules: readonly KernelRule[], observed: ObservedState): readonly KernelRule[] {
  return observed.rules.filter(
    (known) =>
      !rules.some(
        (rule) =>
          rule.family === known.family &&
          rule.priority === known.priority &&
          rule.table === known.table &&
          rule.from === known.from &&
          rule.fwmark === known.fwmark,
      ),
  );
}

function addRule(rule: KernelRule): Step {
  return {
    key: `rule ${rule.priority} ${rule.from ?? rule.fwmark}`,
    sentence: `Send packets ${selectorOf(rule)} to routing table ${rule.table}.`,
    action: { do: 'kernel', operation: { op: 'ruleAdd', rule } },
  };
}

function deleteRule(rule: KernelRule): Step {
  return {
    key: `stale rule ${rule.priority} ${rule.from ?? rule.fwmark}`,
    sentence: `Stop sending packets ${selectorOf(rule)} to routing table ${rule.table}.`,
    action: { do: 'kernel', operation: { op: 'ruleDelete', rule } },
  };
}

function selectorOf(rule: KernelRule): string {
  return rule.from === undefined
    ? `marked 0x${(rule.fwmark ?? 0).toString(16)}`
    : `from ${rule.from}`;
}

function tunnelSteps({ tunnels, uplinks }: Wanted, observed: ObservedState): readonly Step[] {
  if (tunnels === undefined) return [];
  const specs = tunnels.map((spec) => homed(spec, uplinks, observed));
  const unwanted = [...observed.tunnels.keys()].filter(
    (id) => !specs.some((spec) => spec.id === id),
  );
  return [
    ...specs.flatMap((spec) => stepTo(spec, observed)),
    ...unwanted.map(
      (tunnel): Step => ({
        key: `remove ${tunnel}`,
        sentence: `Remove tunnel ${tunnel}, which is no longer wanted.`,
        action: { do: 'removeTunnel', tunnel },
      }),
    ),
  ];
}

/** Written anew at each start: what a former run wanted may have been for other tunnels. */
function ruleSteps(wanted: Wanted, observed: ObservedState): readonly Step[] {
  const { uplinks, tunnels, pathMtus = new Map(), traffic } = wanted;
  if (tunnels === undefined) return [];
  const lines = packetRules({ uplinks, tunnels, pathMtus, traffic }).filter(
    ({ rule }) => rule === undefined || wanted.isRefused?.(rule) !== true,
  );
  const rules = textOf(lines);
  if (rules === observed.packetRules) return [];
  const sentence =
    traffic === undefined
      ? 'Lower the segment size of TCP in the tunnels to what their paths carry.'
      : 'Write the rules for forwarded packets: segment size of TCP, ACL, SNAT and QoS.';
  return [{ key: 'packet rules', sentence, action: { do: 'packetRules', rules, lines } }];
}

function flowSteps({ tunnels }: Wanted, observed: ObservedState): readonly Step[] {
  if (tunnels === undefined) return [];
  const rules = flowRules(tunnels);
  if (rules === observed.flowRules) return [];
  const sentence =
    'Let each flow remember the tunnel it began on, so that it stays there at failback.';
  return [{ key: 'flow rules', sentence, action: { do: 'flowRules', rules } }];
}

/** Taken every now and then: the kernel tells nobody that a table of rules was removed. */
export const RULES_CHECK: Step = {
  key: 'rules check',
  sentence: 'Look whether the rules for packets are as they were written.',
  action: { do: 'checkRules' },
};

function stepTo(spec: TunnelSpec, observed: ObservedState): readonly Step[] {
  const known = observed.tunnels.get(spec.id);
  const { id, deviceName, uplink, gateway, remote } = spec;
  const turn = { do: 'turnIdentity', spec } as const;
  if (isMadeFrom(known, spec)) {
    if (spec.ownKey === undefined || observed.isIdentityKnown(id)) return [];
    const sentence = `Tell the public key of ${identityWords(spec)} of tunnel ${id}.`;
    return [{ key: `identity ${id}`, sentence, action: turn }];
  }
  if (known !== undefined && isSame(inside(known), inside(spec))) {
    const sentence = `Move tunnel ${id}: ${gateway} is at ${remote.address}, ${uplink} at ${
      spec.ipsec?.localAddress ?? 'whatever address it has'
    }.`;
    return [{ key: `move ${id}`, sentence, action: { do: 'moveTunnel', spec } }];
  }
  if (known !== undefined && isOnlyRenamed(known, spec)) {
    const sentence = `Let tunnel ${id} prove itself with ${identityWords(spec)}.`;
    return [{ key: `identity ${id}`, sentence, action: turn }];
  }
  const sentence = `Make tunnel ${id} (${deviceName}) over ${uplink} to ${gateway}.`;
  return [{ key: `ensure ${id}`, sentence, action: { do: 'ensureTunnel', spec } }];
}

function isOnlyRenamed(known: TunnelSpec, spec: TunnelSpec): boolean {
  return known.engine === spec.engine && isSame(unnamed(known), unnamed(spec));
}

/** The tunnel without what can be turned to in stages. */
function unnamed({ ownKey: _o, nextRemotePublicKey: _n, ipsec, ...rest }: TunnelSpec): object {
  const { credential: _c, ...others } = ipsec ?? {};
  return { ...rest, others };
}

function identityWords({ ipsec, ownKey }: TunnelSpec): string {
  if (ipsec !== undefined) return `the credential ${ipsec.credential.name}`;
  return ownKey === undefined
    ? 'the key pair of the device'
    : `key pair ${ownKey.generation} of its own`;
}

/** IKE speaks from its own uplink's address; while that has none the tunnel stays where it was. */
function homed(
  spec: TunnelSpec,
  uplinks: readonly Uplink[],
  { devices, tunnels }: ObservedState,
): TunnelSpec {
  if (spec.ipsec === undefined) return spec;
  const deviceName = uplinks.find(({ id }) => id === spec.uplink)?.deviceName ?? '';
  const link = devices.linkByName(deviceName);
  const address = link === undefined ? undefined : devices.usableAddress(link.index);
  const isFit = address !== undefined && familyOf(address) === familyOf(spec.remote.address);
  const localAddress = isFit ? address : tunnels.get(spec.id)?.ipsec?.localAddress;
  return localAddress === undefined ? spec : { ...spec, ipsec: { ...spec.ipsec, localAddress } };
}

/** The tunnel without what an engine can move under it. */
function inside(spec: TunnelSpec): object {
  const { remote: _, ipsec, ...rest } = spec;
  const { localAddress: _own, ...identities } = ipsec ?? {};
  return { ...rest, identities };
}

function isMadeFrom(known: TunnelSpec | undefined, spec: TunnelSpec): boolean {
  return known !== undefined && isSame(known, spec);
}

/** Both are derived the same way, so that their keys have one order. */
function isSame(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
