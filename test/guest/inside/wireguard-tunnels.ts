/**
 * Two tunnels by the shipped WireGuard engine, made at both ends.
 */
import { WireGuardEngine } from '../../../agent/adapters/wireguard/wireguard-engine.ts';
import type { TunnelSpec } from '../../../agent/model/tunnel.ts';
import { type GuestEnd, INDEXES } from './guest-end.ts';
import type { GuestLab } from './guest-lab.ts';
import type { GuestTunnels } from './guest-tunnels.ts';

const BASE_PORT = 51_820;

export async function wireGuardTunnels(lab: GuestLab): Promise<GuestTunnels> {
  const engines = new Map<GuestEnd, WireGuardEngine>();
  for (const end of lab.ends) {
    const { kernel } = end;
    const netnsPath = end.netns.path;
    const stateDirectory = `/root/${end.role}`;
    engines.set(end, await WireGuardEngine.open({ stateDirectory, netnsPath, kernel }));
  }
  const engineOf = (end: GuestEnd): WireGuardEngine => {
    const engine = engines.get(end);
    if (engine === undefined) throw new Error(`no engine at the ${end.role}`);
    return engine;
  };
  for (const end of lab.ends) {
    const far = lab.far(end);
    const remotePublicKey = await engineOf(far).publicKey();
    for (const index of INDEXES) {
      await engineOf(end).ensure(specOf(end, far, remotePublicKey, index));
    }
  }
  return {
    kind: 'wireguard',
    deviceKind: 'wireguard',
    sealed: ['udp', 'dport', `${BASE_PORT}-${BASE_PORT + 9}`],
    capabilities: () => engineOf(lab.branch).capabilities(),
    list: async () => engineOf(lab.branch).list(),
    deviceName,
    keysOf: async (index) => {
      const status = await engineOf(lab.branch).status(`t${index}`);
      return `handshake at ${status?.lastHandshakeWallMs}`;
    },
    replayWindows: () => [],
    rekey: async () => undefined,
    close: async () => {
      for (const engine of engines.values()) await engine.close('remove');
    },
  };
}

function deviceName(end: GuestEnd, index: number): string {
  return `wg${end.role[0]}${index}`;
}

function specOf(end: GuestEnd, far: GuestEnd, remotePublicKey: string, index: number): TunnelSpec {
  return {
    id: `t${index}`,
    engine: 'wireguard',
    uplink: `wan${index}`,
    gateway: 'hub',
    deviceName: deviceName(end, index),
    listenPort: BASE_PORT + index,
    fwmark: 0,
    remote: { address: far.outer(index), port: BASE_PORT + index },
    remotePublicKey,
    innerLocal: end.inner(index),
    innerRemote: far.inner(index),
    innerPrefixLength: 30,
    mtu: 1_420,
  };
}
