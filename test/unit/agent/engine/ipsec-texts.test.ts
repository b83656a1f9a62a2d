import { describe, expect, test } from 'vitest';
import {
  carrying,
  readAssociations,
  securityOf,
} from '../../../../agent/engine/association-view.ts';
import { charonConfigText } from '../../../../agent/engine/charon-config.ts';
import {
  type ConnectionContext,
  connectionTree,
} from '../../../../agent/engine/ipsec-connection.ts';
import { ViciDecoder } from '../../../../agent/engine/vici-codec.ts';
import { readCharonEvent } from '../../../../agent/engine/vici-event.ts';
import type { ViciSection } from '../../../../agent/engine/vici-message.ts';
import type { IpsecParameters } from '../../../../agent/model/ipsec.ts';
import type { TunnelSpec } from '../../../../agent/model/tunnel.ts';
import { viciVectors } from '../../../kit/vici-vectors.ts';

const PARAMETERS: IpsecParameters = {
  localIdentity: 'branch.example',
  remoteIdentity: 'hub.example',
  credential: { kind: 'psk', name: 'one' },
};
const SPEC: TunnelSpec = {
  id: 'wan1-gwa',
  engine: 'ipsec',
  uplink: 'wan1',
  gateway: 'gwa',
  deviceName: 'sag-wan1-gwa',
  listenPort: 4_501,
  fwmark: 0x101,
  remote: { address: '192.0.2.1', port: 4_501 },
  remotePublicKey: '',
  innerLocal: '10.250.1.1',
  innerRemote: '10.250.1.2',
  innerPrefixLength: 30,
  mtu: 1_400,
};
const CONTEXT: ConnectionContext = {
  interfaceId: undefined,
  localPort: 4_501,
  certificates: undefined,
  acceptedCa: [],
};
const CONFIG = {
  viciPath: '/run/x.vici',
  inKernel: false,
  natTraversalPort: 4_501,
  fwmark: 0x101,
  routingTable: 7,
};

/** What charon sent under this name. */
function recorded(name: string): readonly ViciSection[] {
  return viciVectors().flatMap(({ bytes }) =>
    new ViciDecoder()
      .push(bytes)
      .flatMap((packet) =>
        packet.type === 'event' && packet.name === name ? [packet.message] : [],
      ),
  );
}

describe('the configuration of a charon', () => {
  test('puts fast ciphers before slow ones and its table behind main', () => {
    const text = charonConfigText(CONFIG);
    expect(text.indexOf('aesni')).toBeLessThan(text.indexOf(' aes '));
    expect(text).toContain('routing_table_prio = 40000');
    expect(text).toContain('kernel-libipsec { load = yes }');
    expect(text).toContain('kernel-netlink { fwmark = !257 }');
    expect(text.split('{')).toHaveLength(text.split('}').length);
  });

  test('leaves ESP to a kernel that has it, and marks nothing without a mark', () => {
    const text = charonConfigText({ ...CONFIG, inKernel: true, fwmark: 0 });
    expect(text).not.toContain('libipsec');
    expect(text).not.toContain('fwmark');
  });
});

describe('the connection of a tunnel', () => {
  const only = (tree: unknown): Record<string, unknown> =>
    (tree as Record<string, Record<string, unknown>>)['wan1-gwa'] ?? {};

  test('an initiator calls its gateway for ever, a responder takes whoever proves who it is', () => {
    const calling = only(connectionTree(SPEC, PARAMETERS, CONTEXT));
    expect(calling).toMatchObject({ remote_addrs: ['192.0.2.1'], keyingtries: '0', mobike: 'yes' });
    const waiting = only(connectionTree(SPEC, { ...PARAMETERS, role: 'responder' }, CONTEXT));
    expect(waiting).toMatchObject({ remote_addrs: ['%any'] });
  });

  test('an xfrm device is known by its interface id, its packets are marked, and late ones still taken', () => {
    const { children } = only(connectionTree(SPEC, PARAMETERS, { ...CONTEXT, interfaceId: 9 }));
    expect(children).toMatchObject({
      'wan1-gwa': { replay_window: '2048', if_id_in: '9', if_id_out: '9', set_mark_out: '257' },
    });
  });

  test('a given source address is kept, so MOBIKE does not wander to another uplink', () => {
    const parameters = { ...PARAMETERS, localAddress: '198.51.100.7' };
    expect(only(connectionTree(SPEC, parameters, CONTEXT))).toMatchObject({
      local_addrs: ['198.51.100.7'],
      mobike: 'no',
    });
  });

  test('certificates of the identity beside are trusted while one rotates', () => {
    const certificates = { certificate: 'C', ca: 'A' };
    const tree = connectionTree(SPEC, PARAMETERS, { ...CONTEXT, certificates, acceptedCa: ['B'] });
    expect(only(tree)).toMatchObject({
      local: { auth: 'pubkey', certs: ['C'] },
      remote: { auth: 'pubkey', cacerts: ['A', 'B'] },
    });
  });
});

describe('what charon tells', () => {
  test('associations are read from list-sas, and the one with a CHILD_SA carries', () => {
    const all = readAssociations(recorded('list-sa'));
    expect(all.map((each) => [each.ikeId, each.children.length])).toEqual([
      [2, 1],
      [1, 0],
    ]);
    const current = carrying(all);
    expect(current?.ikeId).toBe(2);
    expect(current === undefined ? undefined : securityOf(current)).toMatchObject({
      ikeCipher: 'AES_GCM_16-256',
      childCipher: 'AES_GCM_16-256',
    });
  });

  test('up and down are told apart by `up` alone', () => {
    const types = recorded('ike-updown').map((each) => readCharonEvent('ike-updown', each)?.type);
    expect(types).toEqual(['ikeUp', 'ikeDown', 'ikeDown']);
    const children = recorded('child-updown').map((e) => readCharonEvent('child-updown', e)?.type);
    expect(children).toEqual(['childUp', 'childDown']);
  });

  test('a rekeyed IKE_SA is known by its new number', () => {
    const [first] = recorded('ike-rekey');
    const event = first === undefined ? undefined : readCharonEvent('ike-rekey', first);
    expect(event).toMatchObject({ type: 'ikeRekeyed', ike: { connection: 't', ikeId: 3 } });
  });

  test('nonsense is no event and no association', () => {
    expect(readCharonEvent('ike-updown', new Map([['up', 'yes']]))).toBeUndefined();
    expect(readCharonEvent('log', new Map([['t', new Map()]]))).toBeUndefined();
    expect(readAssociations([new Map([['t', 'text']])])).toEqual([]);
    const [strange] = readAssociations([new Map([['t', new Map([['uniqueid', 'x']])]])]);
    expect(strange).toMatchObject({ ikeId: 0, established: false, children: [] });
  });
});
