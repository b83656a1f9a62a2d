/**
 * What two ends need to be joined by IPsec instead of WireGuard: engines with one shared secret, and specifications.
 */
import { accessSync } from 'node:fs';
import { IpsecEngine } from '../../../agent/adapters/ipsec-engine.ts';
import type { TunnelSpec } from '../../../agent/model/tunnel.ts';
import {
  type EngineParts,
  inner,
  type LiveEnd,
  outer,
  partsMissing,
} from '../fast-path/two-ends.ts';

export const PSK_NAME = 'lab-1';
const SECRET = 'a secret of this test only';

export function ipsecMissing(): string | undefined {
  try {
    accessSync('/usr/sbin/charon-systemd');
  } catch {
    return 'charon-systemd is not installed';
  }
  return partsMissing();
}

export function ipsecOf(end: LiveEnd): IpsecEngine {
  if (end.engine instanceof IpsecEngine) return end.engine;
  throw new Error('not joined by IPsec');
}

export function specOf(own: LiveEnd, far: LiveEnd, index: number): TunnelSpec {
  const port = 4_500 + index;
  return {
    id: `t${index}`,
    engine: 'ipsec',
    uplink: `wan${index}`,
    gateway: 'hub',
    deviceName: own.deviceName(index),
    listenPort: port,
    fwmark: markOf(index),
    remote: { address: outer(far.role, index), port },
    remotePublicKey: '',
    ipsec: {
      localIdentity: `${own.role}-${index}.example`,
      remoteIdentity: `${far.role}-${index}.example`,
      credential: { kind: 'psk', name: PSK_NAME },
      role: own.role === 'branch' ? 'initiator' : 'responder',
    },
    innerLocal: inner(own.role, index),
    innerRemote: inner(far.role, index),
    innerPrefixLength: 30,
    mtu: 1_400,
  };
}

function markOf(index: number): number {
  return 0x100 + index;
}

/** Keeps what is marked for an uplink on that uplink, as the agent's routing does on an appliance. */
export function pinUplinks({ netns }: LiveEnd): void {
  for (const index of [1, 2]) {
    const table = `${100 + index}`;
    netns.ip('rule', 'add', 'priority', '100', 'fwmark', `${markOf(index)}`, 'table', table);
    netns.ip('route', 'add', `10.91.${index}.0/24`, 'dev', `wan${index}`, 'table', table);
    netns.ip('route', 'add', 'unreachable', 'default', 'metric', '9999', 'table', table);
  }
}

export const IPSEC: EngineParts = {
  open: async ({ kernel, directory, netns }) => {
    const engine = await IpsecEngine.open({
      stateDirectory: directory,
      kernel,
      netnsPath: netns.path,
    });
    await engine.credentials.keep({ kind: 'psk', name: PSK_NAME, secret: SECRET });
    return engine;
  },
  specOf: async (own, far, index) => specOf(own, far, index),
};
