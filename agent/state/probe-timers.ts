/**
 * How often the session of each tunnel probes, and what that costs and buys on its uplink.
 */
import type { DesiredDocument, DesiredTunnel } from '../model/desired.ts';
import {
  budgetProbes,
  type ProbeBudget,
  probePacketBytes,
  type UplinkProbes,
} from '../model/probe-budget.ts';
import { PROBE_PROFILES, profileOf } from '../model/probe-profile.ts';
import type { TunnelPlan } from '../model/tunnel.ts';
import type { Uplink } from '../model/uplink.ts';

/** What the document says, or else the profile of the uplink's kind; never more than a metered uplink may cost. */
export function probeTimers(
  tunnel: DesiredTunnel,
  document: DesiredDocument,
  uplink: Uplink | undefined,
): Pick<TunnelPlan, 'bfd' | 'bfdWhileBusy'> {
  const { timers, timersWhileBusy } = budgetOf(tunnel, document, uplink);
  return {
    bfd: timers,
    ...(timersWhileBusy === undefined ? {} : { bfdWhileBusy: timersWhileBusy }),
  };
}

/** Of each uplink that has tunnels, as its slowest one probes. */
export function uplinkProbes(
  document: DesiredDocument | undefined,
  uplinks: readonly Uplink[],
): readonly UplinkProbes[] {
  if (document === undefined) return [];
  return uplinks.flatMap((uplink) => {
    const [slowest] = document.tunnels
      .filter((tunnel) => tunnel.uplink === uplink.id)
      .map((tunnel) => budgetOf(tunnel, document, uplink))
      .toSorted((a, b) => b.detectMs - a.detectMs);
    if (slowest === undefined) return [];
    const { bytesPerMonth, detectMs, held, sentence } = slowest;
    const budget = uplink.probeBudgetBytesPerMonth;
    const told = { uplink: uplink.id, bytesPerMonth, detectMs, held, sentence };
    return [{ ...told, ...(budget !== undefined && { budgetBytesPerMonth: budget }) }];
  });
}

function budgetOf(
  tunnel: DesiredTunnel,
  { tunnels }: DesiredDocument,
  uplink: Uplink | undefined,
): ProbeBudget {
  const budget = uplink?.probeBudgetBytesPerMonth;
  return budgetProbes({
    timers: tunnel.bfd ?? PROBE_PROFILES[profileOf(uplink?.kind ?? 'wired')],
    ...(budget !== undefined && { budgetBytesPerMonth: budget }),
    tunnels: tunnels.filter((other) => other.uplink === tunnel.uplink).length,
    packetBytes: probePacketBytes(
      tunnel.engine,
      family(tunnel.remote.address),
      family(tunnel.innerRemote),
    ),
  });
}

function family(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
