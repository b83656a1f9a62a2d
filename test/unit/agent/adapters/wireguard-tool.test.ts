import { expect, test } from 'vitest';
import {
  carrierOf,
  checkSpec,
  differences,
  parseDump,
} from '../../../../agent/adapters/wireguard/wireguard-tool.ts';
import type { TunnelSpec } from '../../../../agent/model/tunnel.ts';

const OURS = `${'A'.repeat(43)}=`;
const THEIRS = `${'B'.repeat(43)}=`;
const OTHERS = `${'C'.repeat(43)}=`;

const SPEC: TunnelSpec = {
  id: 't1',
  engine: 'wireguard',
  uplink: 'wan1',
  gateway: 'hub',
  deviceName: 'wg1',
  listenPort: 51_821,
  fwmark: 0x101,
  remote: { address: '192.0.2.1', port: 51_820 },
  remotePublicKey: THEIRS,
  innerLocal: '10.250.1.1',
  innerRemote: '10.250.1.2',
  innerPrefixLength: 30,
  mtu: 1_420,
};

/** As `wg show wg1 dump` prints it. */
const DUMP = [
  `secret\t${OURS}\t51821\t0x101`,
  `${THEIRS}\t(none)\t192.0.2.1:51820\t0.0.0.0/0,::/0\t1795400000\t1234\t5678\toff`,
].join('\n');

test('a dump is read without the private key', () => {
  const device = parseDump(DUMP);
  expect(device).toEqual({
    publicKey: OURS,
    listenPort: 51_821,
    fwmark: 0x101,
    peers: [
      {
        publicKey: THEIRS,
        endpoint: '192.0.2.1:51820',
        allowedIps: '0.0.0.0/0,::/0',
        latestHandshakeS: 1_795_400_000,
        rxBytes: 1234,
        txBytes: 5678,
      },
    ],
  });
  expect(JSON.stringify(device)).not.toContain('secret');
  expect(parseDump('')).toBeUndefined();
});

test('a device that fits already is not touched', () => {
  expect(differences(SPEC, parseDump(DUMP), '/state/tunnel.key', OURS)).toEqual([]);
});

test('only what differs is set, and strangers are removed', () => {
  const stranger = DUMP.replace(THEIRS, OTHERS).replace('51821\t', '51999\t');
  expect(differences(SPEC, parseDump(stranger), '/state/tunnel.key', OURS).join(' ')).toBe(
    [
      'listen-port 51821',
      `peer ${OTHERS} remove`,
      `peer ${THEIRS} endpoint 192.0.2.1:51820 allowed-ips 0.0.0.0/0,::/0`,
    ].join(' '),
  );
});

test('a key that may come next is accepted without addresses, and the other one stays', () => {
  const spec = { ...SPEC, nextRemotePublicKey: OTHERS };
  expect(differences(spec, parseDump(DUMP), 'k', OURS)).toEqual([
    'peer',
    OTHERS,
    'endpoint',
    '192.0.2.1:51820',
  ]);
});

test.each([
  [0, THEIRS],
  [1_795_399_999, THEIRS],
  [1_795_400_000, OTHERS],
  [1_795_400_001, OTHERS],
])('of two accepted keys the far end shows the one of the younger handshake: %i', (atS, shown) => {
  const spec = { ...SPEC, nextRemotePublicKey: OTHERS };
  const next = `${OTHERS}\t(none)\t192.0.2.1:51820\t(none)\t${atS}\t0\t0\toff`;
  const device = parseDump(`${DUMP}\n${next}`);
  expect(carrierOf(spec, device)).toBe(shown);
  expect(carrierOf(SPEC, device)).toBe(THEIRS);
});

test('a new device gets everything, and the key by its file', () => {
  const words = differences(SPEC, undefined, '/state/tunnel.key', OURS);
  expect(words.slice(0, 6).join(' ')).toBe(
    'private-key /state/tunnel.key listen-port 51821 fwmark 257',
  );
});

test('an IPv6 endpoint is written in brackets', () => {
  const spec = { ...SPEC, remote: { address: '2001:db8::1', port: 51_820 } };
  expect(differences(spec, undefined, 'k', OURS)).toContain('[2001:db8::1]:51820');
});

test.each([
  [{ deviceName: '-wg1' }, 'EENGINE_DEVICE_NAME'],
  [{ deviceName: 'a name much too long' }, 'EENGINE_DEVICE_NAME'],
  [{ deviceName: '../x' }, 'EENGINE_DEVICE_NAME'],
  [{ remotePublicKey: 'short' }, 'EENGINE_KEY'],
  [{ nextRemotePublicKey: 'short' }, 'EENGINE_KEY'],
  [{ remote: { address: 'example.net', port: 1 } }, 'EENGINE_ADDRESS'],
  [{ listenPort: 70_000 }, 'EENGINE_PORT'],
] satisfies [Partial<TunnelSpec>, string][])(
  'a spec that cannot be is refused: %o',
  (over, code) => {
    expect(() => checkSpec({ ...SPEC, ...over })).toThrow(expect.objectContaining({ code }));
  },
);
