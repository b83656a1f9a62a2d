/**
 * The simulated kernel in the words of iproute2, so that a test or a transcript reads like a console.
 */
import type {
  KernelNexthop,
  KernelRoute,
  KernelRule,
} from '../../../firmware-shim/kernel/types.ts';
import { type Device, hasCarrier, type KernelState, TABLE_MAIN } from './kernel-state.ts';

const TABLES: ReadonlyMap<number, string> = new Map([
  [253, 'default'],
  [254, 'main'],
  [255, 'local'],
]);

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [2, 'kernel'],
  [3, 'boot'],
  [4, 'static'],
]);

/** As `ip link`, one line a device. */
export function linkText(state: KernelState): string {
  return lines([...state.devices.values()].map(linkLine));
}

/** As `ip -o addr`. */
export function addressText(state: KernelState): string {
  return lines(
    state.addresses.map((address) => {
      const inet = address.family === 'ipv4' ? 'inet' : 'inet6';
      const name = nameOf(state, address.deviceIndex);
      const text = `${address.address}/${address.prefixLength}`;
      return `${address.deviceIndex}: ${name}    ${inet} ${text}`;
    }),
  );
}

/** As `ip route show table all` without the local table, in the order the routes were made. */
export function routeText(state: KernelState): string {
  return lines(state.routes.map((route) => routeLine(state, route)));
}

/** As `ip rule`; IPv6 rules follow after those of IPv4. */
export function ruleText(state: KernelState): string {
  const ordered = state.rules.toSorted((a, b) => a.family.localeCompare(b.family));
  return lines(ordered.map(ruleLine));
}

/** As `ip nexthop`. */
export function nexthopText(state: KernelState): string {
  const ordered = [...state.nexthops.values()].sort((a, b) => a.id - b.id);
  return lines(ordered.map((nexthop) => nexthopLine(state, nexthop)));
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

function linkLine(device: Device): string {
  const flags = [
    ...(device.adminUp && !device.cable ? ['NO-CARRIER'] : []),
    ...(device.adminUp ? ['UP'] : []),
    ...(hasCarrier(device) ? ['LOWER_UP'] : []),
  ];
  const kind = device.kind === undefined ? '' : ` ${device.kind}`;
  return `${device.index}: ${device.name}: <${flags.join(',')}> mtu ${device.mtu}${kind}`;
}

function routeLine(state: KernelState, route: KernelRoute): string {
  const type = route.type === 'unicast' ? '' : `${route.type} `;
  const device = route.deviceIndex === undefined ? undefined : state.devices.get(route.deviceIndex);
  const onLink = route.family === 'ipv4' && device !== undefined && route.gateway === undefined;
  const words = [
    type + prefixWord(route.destination),
    word('nhid', route.nexthopId),
    word('via', route.gateway),
    word('dev', device?.name),
    word('table', route.table === TABLE_MAIN ? undefined : tableWord(route.table)),
    word('proto', protocolWord(route.protocol)),
    onLink ? 'scope link' : '',
    word('src', route.source),
    word('metric', route.metric),
    device !== undefined && device.adminUp && !device.cable ? 'linkdown' : '',
  ];
  return words.filter((one) => one !== '').join(' ');
}

function ruleLine(rule: KernelRule): string {
  const words = [
    `from ${rule.from === undefined ? 'all' : prefixWord(rule.from)}`,
    word('to', rule.to === undefined ? undefined : prefixWord(rule.to)),
    word('fwmark', rule.fwmark === undefined ? undefined : `0x${rule.fwmark.toString(16)}`),
    `lookup ${tableWord(rule.table)}`,
    word('proto', ruleProtocolWord(rule.protocol)),
  ];
  return `${rule.priority}:\t${words.filter((one) => one !== '').join(' ')}`;
}

function nexthopLine(state: KernelState, nexthop: KernelNexthop): string {
  const members = nexthop.group?.map(({ id, weight }) => (weight === 1 ? id : `${id},${weight}`));
  const words = [
    `id ${nexthop.id}`,
    word('group', members?.join('/')),
    nexthop.blackhole === true ? 'blackhole' : '',
    word('via', nexthop.gateway),
    word('dev', nexthop.deviceIndex === undefined ? undefined : nameOf(state, nexthop.deviceIndex)),
    // How far the nexthop may be: a gateway on the link, or nothing beyond this machine's device.
    word('scope', scopeWord(nexthop)),
    word('proto', protocolWord(nexthop.protocol)),
  ];
  return words.filter((one) => one !== '').join(' ');
}

function scopeWord(nexthop: KernelNexthop): string | undefined {
  if (nexthop.group !== undefined || nexthop.blackhole === true) return undefined;
  return nexthop.gateway === undefined && nexthop.family === 'ipv4' ? 'host' : 'link';
}

function word(key: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${key} ${value}`;
}

function prefixWord(prefix: string): string {
  if (prefix === '0.0.0.0/0' || prefix === '::/0') return 'default';
  const whole = prefix.includes(':') ? '/128' : '/32';
  return prefix.endsWith(whole) ? prefix.slice(0, -whole.length) : prefix;
}

function tableWord(table: number): string {
  return TABLES.get(table) ?? String(table);
}

function protocolWord(protocol: number): string {
  return PROTOCOLS.get(protocol) ?? String(protocol);
}

/** `ip rule` mentions neither the kernel's own nor nobody's. */
function ruleProtocolWord(protocol: number | undefined): string | undefined {
  return (protocol ?? 0) === 0 || protocol === 2 ? undefined : protocolWord(protocol ?? 0);
}

function nameOf(state: KernelState, index: number): string {
  return state.devices.get(index)?.name ?? `if${index}`;
}
