/**
 * What a person may see of the fast path, put together from the snapshots of its cores.
 */
import type { FastPathSnapshot, TunnelSnapshot } from '../model/snapshot.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { FlowKeeper } from '../routes/flow-keeper.ts';
import type { RouteKeeper } from '../routes/route-keeper.ts';
import type { TunnelSupervisor } from '../tunnel/tunnel-supervisor.ts';

interface Parts {
  readonly uplinks: FastPathSnapshot['uplinks'];
  readonly supervisor: ReturnType<TunnelSupervisor['snapshot']>;
  readonly sessionOf: (tunnel: TunnelId) => TunnelSnapshot['session'];
  readonly qualityOf: (tunnel: TunnelId) => TunnelSnapshot['quality'];
  readonly flows: ReturnType<FlowKeeper['snapshot']>;
  readonly routes: ReturnType<RouteKeeper['snapshot']>;
}

export function fastPathSnapshot(nowMs: number, parts: Parts): FastPathSnapshot {
  const { active, choice, changes, decisions, members } = parts.supervisor;
  return {
    nowMs,
    uplinks: parts.uplinks,
    tunnels: parts.supervisor.tunnels.map(({ plan, state, sinceMs }) => {
      const quality = parts.qualityOf(plan.id);
      return {
        id: plan.id,
        uplink: plan.uplink,
        gateway: plan.gateway,
        deviceName: plan.deviceName,
        innerLocal: plan.innerLocal,
        innerRemote: plan.innerRemote,
        state,
        sinceMs,
        session: parts.sessionOf(plan.id),
        ...(quality === undefined ? {} : { quality }),
      };
    }),
    ...(active === undefined ? {} : { active }),
    choice,
    decisions,
    ...(members.length > 1 ? { members } : {}),
    ...(parts.flows.length > 0 ? { stranded: parts.flows } : {}),
    changes,
    routes: parts.routes,
  };
}
