/**
 * Two tunnels by the shipped IPsec engine, made at both ends: one charon an end, and an xfrm device for each tunnel.
 */
import { IpsecEngine } from '../../../agent/adapters/ipsec/ipsec-engine.ts';
import type { TunnelSpec } from '../../../agent/model/tunnel.ts';
import { type GuestEnd, INDEXES } from './guest-end.ts';
import type { GuestLab } from './guest-lab.ts';
import type { GuestTunnels } from './guest-tunnels.ts';

const NAT_TRAVERSAL_PORT = 4_500;
const BASE_PORT = 4_510;
/** Room for ESP in UDP around a packet of an uplink. */
const MTU = 1_400;
const CREDENTIAL = 'guest';
const SECRET = 'known to this guest only';

export async function ipsecTunnels(lab: GuestLab): Promise<GuestTunnels> {
  const branch = await openEngine(lab.branch);
  const hub = await openEngine(lab.hub);
  for (const index of INDEXES) {
    // The hub first: the branch calls as soon as it is told.
    await hub.ensure(specOf(lab.hub, lab.branch, index));
    await branch.ensure(specOf(lab.branch, lab.hub, index));
  }
  return {
    kind: 'ipsec',
    deviceKind: 'xfrm',
    sealed: ['udp', 'dport', `${NAT_TRAVERSAL_PORT}`],
    capabilities: () => branch.capabilities(),
    list: async () => branch.list(),
    deviceName,
    keysOf: async (index) => {
      const security = (await branch.status(`t${index}`))?.security;
      return `IKE_SA ${security?.ikeId} SPI ${security?.childSpi}`;
    },
    replayWindows: () =>
      [...lab.branch.netns.ip('xfrm', 'state').matchAll(/replay_window (\d+)/g)].map(([, size]) =>
        Number(size),
      ),
    rekey: async (index) => branch.rekeyNow(`t${index}`),
    close: async () => {
      for (const engine of [branch, hub]) await engine.close('remove');
    },
  };
}

async function openEngine(end: GuestEnd): Promise<IpsecEngine> {
  const { kernel } = end;
  const stateDirectory = `/root/ipsec-${end.role}`;
  const engine = await IpsecEngine.open({ stateDirectory, netnsPath: end.netns.path, kernel });
  await engine.credentials.keep({ kind: 'psk', name: CREDENTIAL, secret: SECRET });
  return engine;
}

function deviceName(end: GuestEnd, index: number): string {
  return `xf${end.role[0]}${index}`;
}

function specOf(end: GuestEnd, far: GuestEnd, index: number): TunnelSpec {
  return {
    id: `t${index}`,
    engine: 'ipsec',
    uplink: `wan${index}`,
    gateway: 'hub',
    deviceName: deviceName(end, index),
    listenPort: BASE_PORT + index,
    fwmark: 0,
    remote: { address: far.outer(index), port: NAT_TRAVERSAL_PORT },
    remotePublicKey: '',
    ipsec: {
      localIdentity: `t${index}.${end.role}`,
      remoteIdentity: `t${index}.${far.role}`,
      credential: { kind: 'psk', name: CREDENTIAL },
      role: end.role === 'branch' ? 'initiator' : 'responder',
      localAddress: end.outer(index),
    },
    innerLocal: end.inner(index),
    innerRemote: far.inner(index),
    innerPrefixLength: 30,
    mtu: MTU,
  };
}
