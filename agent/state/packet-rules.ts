/**
 * The nftables rules this agent wants, as one text that replaces its own table and touches no other.
 *
 * TCP is told of the segments that fit: the MSS of every SYN that enters or leaves a tunnel is lowered to what its path
 * carries (RFC 4459 section 3.2), and never raised. Path MTU discovery would do the same where every box on the
 * way tells of what it drops; a silent hole is found by our probes alone.
 */
import type { TrafficPolicy } from '../model/traffic-policy.ts';
import type { TunnelId, TunnelSpec } from '../model/tunnel.ts';
import type { Uplink } from '../model/uplink.ts';
import { type RuleLine, trafficLines } from './traffic-rules.ts';

/** Ours alone: made, replaced and removed as a whole. */
export const PACKET_TABLE = 'inet sag_agent';
/** IP and TCP headers without options. */
const HEADER_BYTES = { ipv4: 40, ipv6: 60 } as const;

/** The largest inner packet that is known to pass, by tunnel. */
export type PathMtus = ReadonlyMap<TunnelId, number>;

type Sized = Pick<TunnelSpec, 'id' | 'deviceName' | 'mtu'>;

export interface PacketPolicy {
  readonly tunnels: readonly Sized[];
  readonly pathMtus: PathMtus;
  readonly uplinks: readonly Pick<Uplink, 'id' | 'deviceName'>[];
  readonly traffic: TrafficPolicy | undefined;
}

/** One statement a line, for `nft -f`, which makes all of them or none. */
export function packetRules(policy: PacketPolicy): readonly RuleLine[] {
  // Adding first makes the delete succeed where there is no table yet.
  const fresh = unnamed([`add table ${PACKET_TABLE}`, `delete table ${PACKET_TABLE}`]);
  const wanted = [...segmentLines(policy), ...forwardLines(policy)];
  if (wanted.length === 0) return fresh;
  return [...fresh, ...unnamed([`add table ${PACKET_TABLE}`]), ...wanted];
}

function segmentLines({ tunnels, pathMtus }: PacketPolicy): readonly RuleLine[] {
  if (tunnels.length === 0) return [];
  return unnamed([
    `add chain ${PACKET_TABLE} segments { type filter hook forward priority mangle; policy accept; }`,
    ...tunnels.flatMap((tunnel) => clamps(tunnel, pathMtus.get(tunnel.id) ?? tunnel.mtu)),
  ]);
}

function forwardLines({ traffic, tunnels, uplinks }: PacketPolicy): readonly RuleLine[] {
  if (traffic === undefined) return [];
  const tunnelDevices = tunnels.map(({ deviceName }) => deviceName);
  return trafficLines(PACKET_TABLE, traffic, { tunnelDevices, uplinks });
}

/** Both ways: what the far end announces bounds what we send, and the other way round. */
function clamps({ deviceName }: Sized, mtu: number): readonly string[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const size = mtu - HEADER_BYTES[family];
    return ['iifname', 'oifname'].map(
      (way) =>
        `add rule ${PACKET_TABLE} segments ${way} "${deviceName}" meta nfproto ${family} tcp flags syn ` +
        `tcp option maxseg size > ${size} tcp option maxseg size set ${size}`,
    );
  });
}

function unnamed(texts: readonly string[]): readonly RuleLine[] {
  return texts.map((text) => ({ text }));
}

export function textOf(lines: readonly RuleLine[]): string {
  return `${lines.map(({ text }) => text).join('\n')}\n`;
}
