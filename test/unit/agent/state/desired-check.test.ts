/** Which well-formed documents make no sense here, and what is said about them. */
import { describe, expect, it } from 'vitest';
import { hashed } from '../../../../agent/contract/document-hash.ts';
import type { DesiredDocument, DesiredTunnel } from '../../../../agent/model/desired.ts';
import { judgeDesired } from '../../../../agent/state/desired-check.ts';
import { config, desired, IPSEC, tunnel } from '../../../kit/branch.ts';

function refusalOf(document: DesiredDocument, current?: DesiredDocument): string {
  const known = current === undefined ? [] : [knownAs(current)];
  const verdict = judgeDesired(hashed(document), known, config);
  return verdict.is === 'refused'
    ? `${verdict.refusal.code} ${verdict.refusal.pointer}`
    : verdict.is;
}

function knownAs(document: DesiredDocument) {
  return { revision: document.revision, hash: hashed(document).hash };
}

const withTunnel = (change: Partial<DesiredTunnel>): DesiredDocument =>
  desired({ tunnels: [tunnel('wan1-gwa', change), tunnel('wan2-gwa')] });

describe('a desired document', () => {
  it('is new when it makes sense and grows', () => {
    expect(refusalOf(desired())).toBe('new');
    expect(refusalOf(desired({ revision: 2 }), desired())).toBe('new');
  });

  it('is known when the gateway repeats it, whatever the order of its keys', () => {
    const { v, revision, ...rest } = desired();
    expect(refusalOf({ ...rest, revision, v }, desired())).toBe('known');
  });

  it.each<[string, DesiredDocument, string]>([
    ['an older revision', desired({ revision: 4 }), 'EDESIRED_STALE /revision'],
    [
      'another text of one revision',
      desired({ revision: 5, prefixes: [] }),
      'EDESIRED_FORKED /revision',
    ],
  ])('is refused as %s', (_what, document, refusal) => {
    expect(refusalOf(document, desired({ revision: 5 }))).toBe(refusal);
  });

  it.each<[string, DesiredDocument, string]>([
    [
      'a CCN of another area',
      desired({ ccn: { id: 'c', name: 'n', area: 'Singapore' } }),
      'EDESIRED_AREA /ccn/area',
    ],
    [
      'an uplink we do not have',
      withTunnel({ uplink: 'wan9' }),
      'EDESIRED_UPLINK /tunnels/0/uplink',
    ],
    [
      'two tunnels of one id',
      desired({ tunnels: [tunnel('wan1-gwa'), tunnel('wan1-gwa')] }),
      'EDESIRED_DUPLICATE /tunnels/1/id',
    ],
    [
      'a remote that is no address',
      withTunnel({ remote: { address: '10.0.0.256', port: 1 } }),
      'EDESIRED_ADDRESS /tunnels/0/remote/address',
    ],
    [
      'settings of an uplink we do not have',
      desired({ uplinks: [{ id: 'wan9' }] }),
      'EDESIRED_UPLINK /uplinks/0/id',
    ],
    [
      'two settings of one uplink',
      desired({ uplinks: [{ id: 'wan1' }, { id: 'wan1' }] }),
      'EDESIRED_DUPLICATE /uplinks/1/id',
    ],
    [
      'the priority of LTE for a wired uplink',
      desired({ uplinks: [{ id: 'wan1', priority: 99 }] }),
      'EDESIRED_PRIORITY /uplinks/0/priority',
    ],
    [
      'a next hop that is a name',
      desired({ uplinks: [{ id: 'wan1', gateway: 'router' }] }),
      'EDESIRED_ADDRESS /uplinks/0/gateway',
    ],
    ['an MTU of nothing', withTunnel({ mtu: 0 }), 'EDESIRED_MTU /tunnels/0/mtu'],
    ['an MTU beyond Ethernet', withTunnel({ mtu: 65_536 }), 'EDESIRED_MTU /tunnels/0/mtu'],
    [
      'half a key',
      withTunnel({ remotePublicKey: 'AAAA' }),
      'EDESIRED_KEY /tunnels/0/remotePublicKey',
    ],
    [
      'half a next key',
      withTunnel({ nextRemotePublicKey: 'AAAA' }),
      'EDESIRED_KEY /tunnels/0/nextRemotePublicKey',
    ],
    [
      'half a key that is accepted',
      withTunnel({ ownKey: { generation: 1, accepted: 'AAAA' } }),
      'EDESIRED_KEY /tunnels/0/ownKey/accepted',
    ],
    [
      'a key pair for IPsec',
      withTunnel({ engine: 'ipsec', ipsec: IPSEC, ownKey: { generation: 1 } }),
      'EDESIRED_KEY /tunnels/0/ownKey',
    ],
    ['IPsec for WireGuard', withTunnel({ ipsec: IPSEC }), 'EDESIRED_IPSEC /tunnels/0/ipsec'],
    [
      'IPsec without identities',
      withTunnel({ engine: 'ipsec' }),
      'EDESIRED_IPSEC /tunnels/0/ipsec',
    ],
    [
      'an IPsec tunnel with anybody',
      withTunnel({ engine: 'ipsec', ipsec: { ...IPSEC, remoteIdentity: '%any' } }),
      'EDESIRED_IDENTITY /tunnels/0/ipsec/remoteIdentity',
    ],
    [
      'two IPsec tunnels that a hub cannot tell apart',
      desired({
        tunnels: ['wan1-gwa', 'wan2-gwa'].map((id) =>
          tunnel(id, { engine: 'ipsec', ipsec: IPSEC }),
        ),
      }),
      'EDESIRED_IDENTITY /tunnels/1/ipsec/localIdentity',
    ],
    [
      'an inner address with a prefix',
      withTunnel({ innerLocal: '10.250.1.2/30' }),
      'EDESIRED_ADDRESS /tunnels/0/innerLocal',
    ],
    [
      'ends that do not share a network',
      withTunnel({ innerRemote: '10.250.1.9' }),
      'EDESIRED_ADDRESS /tunnels/0/innerRemote',
    ],
    [
      'one address at both ends',
      withTunnel({ innerRemote: '10.250.1.2' }),
      'EDESIRED_ADDRESS /tunnels/0/innerRemote',
    ],
    [
      'two tunnels in one inner network',
      withTunnel({ innerLocal: '10.250.2.2', innerRemote: '10.250.2.1' }),
      'EDESIRED_OVERLAP /tunnels/1/innerLocal',
    ],
    ['a prefix that is none', desired({ prefixes: ['10.0.0.0'] }), 'EDESIRED_PREFIX /prefixes/0'],
    ['host bits in a prefix', desired({ prefixes: ['10.0.0.1/8'] }), 'EDESIRED_PREFIX /prefixes/0'],
    [
      'a prefix listed twice',
      desired({ prefixes: ['10.0.0.0/8', '10.0.0.0/8'] }),
      'EDESIRED_DUPLICATE /prefixes/1',
    ],
    [
      'a prefix that holds our LAN',
      desired({ prefixes: ['192.168.0.0/16'] }),
      'EDESIRED_OVERLAP /prefixes/0',
    ],
    [
      'a prefix inside our LAN',
      desired({ prefixes: ['192.168.10.128/25'] }),
      'EDESIRED_OVERLAP /prefixes/0',
    ],
    ['the default route', desired({ prefixes: ['0.0.0.0/0'] }), 'EDESIRED_OVERLAP /prefixes/0'],
  ])('is refused for %s', (_what, document, refusal) => {
    expect(refusalOf(document)).toBe(refusal);
  });

  it('never puts user traffic on an uplink for management only', () => {
    const uplinks = config.uplinks.map((uplink) => ({
      ...uplink,
      use: 'management-only' as const,
    }));
    const verdict = judgeDesired(hashed(desired()), [], { ...config, uplinks });
    expect(verdict).toMatchObject({ is: 'refused', refusal: { code: 'EDESIRED_UPLINK' } });
  });
});
