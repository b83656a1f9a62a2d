/** What a chain that has not begun proves: the time, if it is a gateway's in every other respect, and else nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayTrust } from '../../../../agent/adapters/access/gateway-trust.ts';
import { channelFault } from '../../../../agent/adapters/access/mqtt-channel-fault.ts';
import { certificatesIn } from '../../../../agent/adapters/identity/certificate-chain.ts';
import { type Authority, createAuthority } from '../../../../sim/live/certificates.ts';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const named = { name: 'gwa.ccn' };
const scratch = mkdtempSync(join(tmpdir(), 'trust-'));
let authority: Authority;

beforeAll(async () => {
  authority = await createAuthority();
});
afterAll(() => rmSync(scratch, { recursive: true }));

function objected(certificatePem: string, trustedMs: number, crlFile?: string) {
  const trust = new GatewayTrust({
    ca: authority.certificatePem,
    crlFile,
    trustedMs: () => trustedMs,
  });
  return trust.objection(certificatesIn(certificatePem));
}

it('a chain that is a gateway of this network but has not begun says since when it is one', async () => {
  const { certificatePem } = await authority.issueGateway(named);
  const beginsMs = Math.max(
    ...certificatesIn(certificatePem + authority.certificatePem).map(({ validFromDate }) =>
      validFromDate.getTime(),
    ),
  );
  const objection = objected(certificatePem, beginsMs - YEAR_MS);
  expect(objection).toMatchObject({ code: 'ETLS_NOT_YET', beginsMs });
  expect(objection && channelFault(objection)).toMatchObject({ chainBeginsMs: beginsMs });
  expect(objected(certificatePem, beginsMs)).toBeUndefined();
});

it('one that would be refused then as well proves nothing', async () => {
  const client = await authority.issueGateway({ ...named, usage: 'client' });
  const revoked = await authority.issueGateway(named);
  const crlFile = join(scratch, 'revoked.crl');
  writeFileSync(crlFile, await authority.revoke([revoked.certificatePem]));
  const foreign = await (await createAuthority('Another CA')).issueGateway(named);
  const before = Date.now() - YEAR_MS;
  for (const [objection, code] of [
    [objected(client.certificatePem, before), 'ETLS_NOT_YET'],
    [objected(revoked.certificatePem, before, crlFile), 'ETLS_NOT_YET'],
    [objected(foreign.certificatePem, before), 'ETLS_UNTRUSTED'],
  ] as const) {
    expect(objection).toMatchObject({ code });
    expect(objection?.beginsMs).toBeUndefined();
    expect(objection && channelFault(objection)).not.toHaveProperty('chainBeginsMs');
  }
});
