/**
 * Every kind of gateway that is not ours, as real TLS servers: each is refused by its own code, and there is no way
 * around it.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MqttChannel } from '../../../agent/adapters/access/mqtt-channel.ts';
import type { AccessEvent } from '../../../agent/ports.ts';
import {
  type Authority,
  createAuthority,
  EXPIRED,
  type IssuedCertificate,
  NOT_YET_VALID,
  selfSignedGateway,
} from '../../../sim/live/certificates.ts';
import { openPlace, SERVER_NAME, topic } from '../gateway/foreign-client.ts';

const SERIAL_NUMBER = 'sag00001';
const DAY_MS = 86_400_000;
const WILL = { topic: topic(SERIAL_NUMBER, 'life'), payload: new Uint8Array(), delayS: 1 };
/** What a server of 2010 speaks; OpenSSL must be talked into it. */
const OLD_TLS: TlsOptions = {
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.1',
  ciphers: 'DEFAULT@SECLEVEL=0',
};

let scratch: string;
let authority: Authority;
let device: IssuedCertificate;
let revoked: IssuedCertificate;
let crlFile: string;
const servers: Server[] = [];
const channels: MqttChannel[] = [];

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'sag-rogue-'));
  authority = await createAuthority();
  device = await authority.issueDevice({ serialNumber: SERIAL_NUMBER });
  revoked = await authority.issueGateway({ name: SERVER_NAME });
  crlFile = join(scratch, 'ca.crl');
  writeFileSync(crlFile, await authority.revoke([revoked.certificatePem]));
});
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(async () => {
  for (const channel of channels.splice(0)) {
    channel.close('drop');
    await channel.closed();
  }
  for (const server of servers.splice(0)) server.close();
});

function channelOf(more: { readonly crlFile?: string; readonly trustedMs?: () => number } = {}) {
  const channel = new MqttChannel({
    certificate: device.certificatePem,
    key: device.keyPem,
    ca: authority.certificatePem,
    clientId: SERIAL_NUMBER,
    keepAliveS: 30,
    crlFile,
    trustedMs: () => Date.now(),
    ...more,
  });
  channels.push(channel);
  return channel;
}

/** How an attempt at this address begins or ends. */
async function first(channel: MqttChannel, port: number): Promise<AccessEvent> {
  const target = { gateway: 'gwa', address: '127.0.0.1', port, serverName: SERVER_NAME };
  return new Promise((resolve) => channel.open(target, WILL, resolve));
}

async function rogue({ certificatePem, keyPem }: IssuedCertificate, more: TlsOptions = {}) {
  const server = createServer({ cert: certificatePem, key: keyPem, ...more }, (socket) =>
    socket.on('error', () => undefined),
  );
  servers.push(server);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const named = { name: SERVER_NAME };
interface Rogue {
  readonly what: string;
  readonly code: string;
  readonly certificate: () => Promise<IssuedCertificate> | IssuedCertificate;
  readonly more?: TlsOptions;
}
const MATRIX: readonly Rogue[] = [
  {
    what: 'signed its certificate itself',
    code: 'ETLS_SELF_SIGNED',
    certificate: () => selfSignedGateway(named),
  },
  {
    what: 'has its certificate from another CA',
    code: 'ETLS_UNTRUSTED',
    certificate: async () => (await createAuthority('A public CA')).issueGateway(named),
  },
  {
    what: 'is another gateway of the right CA',
    code: 'ETLS_NAME',
    certificate: () => authority.issueGateway({ name: 'other.ccn', addresses: ['127.0.0.1'] }),
  },
  {
    what: 'has an expired certificate',
    code: 'ETLS_EXPIRED',
    certificate: () => authority.issueGateway({ ...named, ...EXPIRED }),
  },
  {
    what: 'has a certificate of tomorrow',
    code: 'ETLS_NOT_YET',
    certificate: () => authority.issueGateway({ ...named, ...NOT_YET_VALID }),
  },
  {
    what: 'speaks TLS 1.1 at most',
    code: 'ETLS_VERSION',
    certificate: () => authority.issueGateway(named),
    more: OLD_TLS,
  },
  {
    what: 'has a certificate for clients',
    code: 'ETLS_USAGE',
    certificate: () => authority.issueGateway({ ...named, usage: 'client' }),
  },
  {
    what: 'has a certificate that was revoked',
    code: 'ETLS_REVOKED',
    certificate: () => revoked,
  },
];

describe('a gateway is refused that', () => {
  it.each(MATRIX)('$what: $code', async ({ code, certificate, more }) => {
    const port = await rogue(await certificate(), more);
    const ending = await first(channelOf(), port);
    expect(ending).toMatchObject({ type: 'channelClosed', code });
    expect(ending).not.toHaveProperty('chainBeginsMs');
  });

  it('is anything of this, by eight different codes', () => {
    expect(new Set(MATRIX.map(({ code }) => code)).size).toBe(8);
  });
});

describe('the time certificates are judged by', () => {
  it.each([
    ['after its end', 'ETLS_EXPIRED', 31 * DAY_MS],
    ['before its beginning', 'ETLS_NOT_YET', -2 * DAY_MS],
    ['ten years ahead', 'ETLS_EXPIRED', 3_650 * DAY_MS],
    ['ten years back', 'ETLS_NOT_YET', -3_650 * DAY_MS],
  ])(
    'is the trusted one too: %s a certificate is refused although the machine likes it',
    async (_when, code, shiftMs) => {
      const port = await rogue(await authority.issueGateway(named));
      const channel = channelOf({ trustedMs: () => Date.now() + shiftMs });
      const ending = await first(channel, port);
      expect(ending).toMatchObject({ type: 'channelClosed', code });
      expect('chainBeginsMs' in ending).toBe(code === 'ETLS_NOT_YET');
    },
  );
});

describe('a revocation list', () => {
  it('that is damaged, foreign or missing is no empty list', async () => {
    const port = await rogue(await authority.issueGateway(named));
    const foreign = join(scratch, 'foreign.crl');
    writeFileSync(foreign, await (await createAuthority()).revoke([]));
    const damaged = join(scratch, 'damaged.crl');
    writeFileSync(damaged, 'no list');
    for (const file of [foreign, damaged, join(scratch, 'missing.crl')]) {
      const ending = await first(channelOf({ crlFile: file }), port);
      expect(ending).toMatchObject({ type: 'channelClosed', code: 'ETLS_CRL' });
    }
  });

  it('counts for a gateway whose TLS session would be resumed, as soon as the file changes', async () => {
    const place = await openPlace();
    const own = await place.issue(SERIAL_NUMBER);
    const file = join(scratch, 'changing.crl');
    writeFileSync(file, await place.authority.revoke([]));
    const channel = new MqttChannel({
      certificate: own.certificatePem,
      key: own.keyPem,
      ca: place.authority.certificatePem,
      clientId: SERIAL_NUMBER,
      keepAliveS: 30,
      crlFile: file,
      trustedMs: () => Date.now(),
    });
    channels.push(channel);
    const attempt = async (): Promise<AccessEvent> => {
      const event = await first(channel, place.gateway.port);
      channel.close('bye');
      await channel.closed();
      return event;
    };
    expect(await attempt()).toMatchObject({ type: 'channelOpened' });
    expect(await attempt()).toMatchObject({ type: 'channelOpened' });
    expect(channel.resumptions).toBe(1);
    writeFileSync(file, await place.authority.revoke([place.tls.certificatePem]));
    // Two writes within one tick of the file system's clock would look like one.
    utimesSync(file, new Date(), new Date(Date.now() + 5_000));
    expect(await attempt()).toMatchObject({ type: 'channelClosed', code: 'ETLS_REVOKED' });
    await place.gateway.close();
  });
});
