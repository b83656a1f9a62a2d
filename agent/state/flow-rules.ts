/**
 * The nftables rules by which each forwarded flow remembers the tunnel it began on.
 *
 * The first packet that goes into a tunnel, or comes out of it, writes the tunnel's number into the connection mark;
 * every later packet that does not come from a tunnel carries it as its packet mark, for a rule to look at while
 * traffic returns. A table beside that of the segment sizes: a kernel without connection tracking refuses this one
 * alone. The mark of somebody else, on the flow or on the packet, is left as it is.
 */
import { FLOW_MARKS } from '../model/flow-mark.ts';
import type { TunnelSpec } from '../model/tunnel.ts';
import { slotMark } from './number-plan.ts';

/** Ours alone, like that of the packets. */
export const FLOW_TABLE = 'inet sag_flows';

type Numbered = Pick<TunnelSpec, 'deviceName' | 'listenPort'>;

/** For `nft -f`, which makes all of it or nothing. */
export function flowRules(tunnels: readonly Numbered[]): string {
  // Adding first makes the delete succeed where there is no table yet.
  const fresh = [`add table ${FLOW_TABLE}`, `delete table ${FLOW_TABLE}`];
  if (tunnels.length === 0) return lines(fresh);
  const ours = `& ${hex(FLOW_MARKS.mask)} == ${hex(FLOW_MARKS.base)}`;
  return lines([
    ...fresh,
    `add table ${FLOW_TABLE}`,
    `add chain ${FLOW_TABLE} began { type filter hook forward priority mangle; policy accept; }`,
    `add chain ${FLOW_TABLE} back { type filter hook prerouting priority mangle; policy accept; }`,
    ...tunnels.flatMap(({ deviceName, listenPort }) => {
      const remember = `ct state new ct mark 0 ct mark set ${hex(slotMark(listenPort))}`;
      return [
        `add rule ${FLOW_TABLE} began oifname "${deviceName}" ${remember}`,
        `add rule ${FLOW_TABLE} began iifname "${deviceName}" ${remember}`,
        // The engine sees the packet next: its own packets must not inherit a mark of the flow.
        `add rule ${FLOW_TABLE} began oifname "${deviceName}" meta mark ${ours} meta mark set 0`,
        `add rule ${FLOW_TABLE} back iifname "${deviceName}" return`,
      ];
    }),
    `add rule ${FLOW_TABLE} back meta mark 0 ct mark ${ours} meta mark set ct mark`,
  ]);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
