/**
 * The nftables rules this agent wants, as one text that replaces its own table and touches no other.
 *
 * TCP is told of the segments that fit: the MSS of every SYN that enters or leaves a tunnel is lowered to what its path
 * carries (RFC 4459 section 3.2), and never raised. Path MTU discovery would do the same where every box on the
 * way tells of what it drops; a silent hole is found by our probes alone.
 */
import type { TunnelId, TunnelSpec } from '../model/tunnel.ts';

/** Ours alone: made, replaced and removed as a whole. */
const TABLE = 'inet sag_agent';
/** IP and TCP headers without options. */
const HEADER_BYTES = { ipv4: 40, ipv6: 60 } as const;

/** The largest inner packet that is known to pass, by tunnel. */
export type PathMtus = ReadonlyMap<TunnelId, number>;

type Sized = Pick<TunnelSpec, 'id' | 'deviceName' | 'mtu'>;

/** For `nft -f`, which makes all of it or nothing. */
export function packetRules(tunnels: readonly Sized[], pathMtus: PathMtus): string {
  // Adding first makes the delete succeed where there is no table yet.
  const fresh = [`add table ${TABLE}`, `delete table ${TABLE}`];
  if (tunnels.length === 0) return lines(fresh);
  return lines([
    ...fresh,
    `add table ${TABLE}`,
    `add chain ${TABLE} segments { type filter hook forward priority mangle; policy accept; }`,
    ...tunnels.flatMap((tunnel) => clamps(tunnel, pathMtus.get(tunnel.id) ?? tunnel.mtu)),
  ]);
}

/** Both ways: what the far end announces bounds what we send, and the other way round. */
function clamps({ deviceName }: Sized, mtu: number): readonly string[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const size = mtu - HEADER_BYTES[family];
    return ['iifname', 'oifname'].map(
      (way) =>
        `add rule ${TABLE} segments ${way} "${deviceName}" meta nfproto ${family} tcp flags syn ` +
        `tcp option maxseg size > ${size} tcp option maxseg size set ${size}`,
    );
  });
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
