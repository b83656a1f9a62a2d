/**
 * The tunnels: which one is active, which could take over, and what their BFD sessions see.
 */
import type { AgentSnapshot, TunnelSnapshot } from '../model/snapshot.ts';
import type { TunnelState } from '../model/tunnel.ts';
import { duration, since } from '../report/render-duration.ts';
import { engineBlocks } from './engines-block.ts';
import { strandedBlocks } from './stranded-block.ts';
import { type Cell, cell, type Tone } from './text-table.ts';
import type { View } from './view.ts';

export function tunnelsView(snapshot: AgentSnapshot): View {
  const { fastPath } = snapshot;
  const { tunnels, active, nowMs, routes } = fastPath;
  return {
    json: {
      v: 1,
      nowMs,
      active: active ?? null,
      stranded: fastPath.stranded ?? [],
      routes,
      tunnels: tunnels.map((tunnel) => ({ ...tunnel, role: roleOf(tunnel, active) })),
    },
    attention: [
      ...(active === undefined ? ['no active tunnel'] : []),
      ...tunnels.filter(({ state }) => state !== 'up').map(({ id }) => id),
    ],
    blocks: [
      { block: 'heading', text: 'Tunnels' },
      {
        block: 'table',
        head: [
          'TUNNEL',
          'ROLE',
          'UPLINK',
          'GATEWAY',
          'DEVICE',
          'STATE',
          'FOR',
          'BFD',
          'DETECT',
          'LAST',
          'RX',
          'TX',
          'DISCARDED',
        ],
        rows: tunnels.map((tunnel) => row(tunnel, active, nowMs)),
        none: 'no tunnel is planned yet',
      },
      ...strandedBlocks(fastPath),
      ...engineBlocks(snapshot),
    ],
  };
}

/** `active`, `standby` (could take over at once) or `-`. */
export function roleOf({ id, state }: TunnelSnapshot, active: string | undefined): string {
  if (id === active) return 'active';
  return state === 'up' ? 'standby' : '-';
}

const STATE_TONES: Readonly<Record<TunnelState, Tone>> = {
  absent: 'bad',
  establishing: 'warning',
  up: 'good',
  down: 'bad',
};

function row(tunnel: TunnelSnapshot, active: string | undefined, nowMs: number): readonly Cell[] {
  const { id, uplink, gateway, deviceName, state, sinceMs, session } = tunnel;
  const role = roleOf(tunnel, active);
  return [
    cell(id),
    cell(role, role === 'active' ? 'strong' : 'plain'),
    cell(uplink),
    cell(gateway),
    cell(deviceName),
    cell(state, STATE_TONES[state]),
    cell(since(sinceMs, nowMs)),
    cell(`${session.state}/${session.remoteState}`),
    cell(detectionTime(tunnel)),
    cell(lastPacket(tunnel)),
    cell(session.rxPackets),
    cell(session.txPackets),
    cell(discardedWords(session.discarded)),
  ];
}

/** Nothing is detected before the far end has said how it sends. */
export function detectionTime({ session }: TunnelSnapshot): string {
  return session.detectMs === 0 ? 'not yet' : duration(session.detectMs);
}

export function lastPacket({ session }: TunnelSnapshot): string {
  return session.lastPacketAgoMs === undefined
    ? 'none yet'
    : `${duration(session.lastPacketAgoMs)} ago`;
}

/** `3 ttl, 1 length`, or `0`. */
export function discardedWords(discarded: Readonly<Record<string, number>>): string {
  const counts = Object.entries(discarded).filter(([, count]) => count > 0);
  return counts.length === 0 ? '0' : counts.map(([why, count]) => `${count} ${why}`).join(', ');
}
