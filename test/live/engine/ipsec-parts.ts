/**
 * What two ends need to be joined by IPsec instead of WireGuard: engines with one shared secret, and specifications.
 */
import { accessSync } from 'node:fs';
import type { IpsecCredential } from '../../../agent/adapters/ipsec/ipsec-credentials.ts';
import { IpsecEngine } from '../../../agent/adapters/ipsec/ipsec-engine.ts';
import type { TunnelSpec } from '../../../agent/model/tunnel.ts';
import { type Authority, createAuthority } from '../../../sim/live/certificates.ts';
import { type EngineParts, inner, type LiveEnd, outer } from '../fast-path/live-end.ts';
import { partsMissing } from '../fast-path/two-ends.ts';

const CREDENTIAL_NAME = 'lab-1';
const SECRET = 'a secret of this test only';

export function ipsecMissing(): string | undefined {
  try {
    accessSync('/usr/sbin/charon-systemd');
  } catch {
    return 'charon-systemd is not installed';
  }
  return partsMissing();
}

function identity(role: string, index: number): string {
  return `${role}-${index}.example`;
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
      localIdentity: identity(own.role, index),
      remoteIdentity: identity(far.role, index),
      credential: { kind: 'psk', name: CREDENTIAL_NAME },
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

export type EngineKind = 'psk' | 'certificate';

export function ipsecParts(kind: EngineKind): EngineParts {
  // Made when the first end opens: a specification needs none.
  let authority: Promise<Authority> | undefined;
  return {
    open: async ({ role, kernel, directory, netns }) => {
      const engine = await IpsecEngine.open({
        stateDirectory: directory,
        kernel,
        netnsPath: netns.path,
      });
      if (kind === 'certificate') authority ??= createAuthority('IPsec lab');
      await engine.credentials.keep(await credentialOf(role, await authority));
      return engine;
    },
    specOf: async (own, far, index) => {
      const spec = specOf(own, far, index);
      const ipsec = spec.ipsec;
      if (ipsec === undefined) return spec;
      return { ...spec, ipsec: { ...ipsec, credential: { kind, name: CREDENTIAL_NAME } } };
    },
  };
}

/** The secret both ends share, or a certificate in both names of this end. */
async function credentialOf(
  role: string,
  authority: Authority | undefined,
): Promise<IpsecCredential> {
  if (authority === undefined) return { kind: 'psk', name: CREDENTIAL_NAME, secret: SECRET };
  const name = identity(role, 1);
  const issued = await authority.issueGateway({ name, dnsNames: [name, identity(role, 2)] });
  return {
    kind: 'certificate',
    name: CREDENTIAL_NAME,
    certificate: issued.certificatePem,
    key: issued.keyPem,
    ca: authority.certificatePem,
  };
}
