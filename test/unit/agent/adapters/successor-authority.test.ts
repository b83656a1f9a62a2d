/** A CA names its successor, and nobody else can. */
import { describe, expect, it } from 'vitest';
import {
  certificatesIn,
  judgeChain,
} from '../../../../agent/adapters/identity/certificate-chain.ts';
import {
  certificateRequest,
  newKey,
} from '../../../../agent/adapters/identity/certificate-request.ts';
import { checkIssued, withSuccessors } from '../../../../agent/adapters/identity/identity.ts';
import { createAuthority } from '../../../../sim/live/certificates.ts';

const SERIAL_NUMBER = 'SAG1000-0001';

describe('a certificate from the next CA', () => {
  it('is kept by a device that pins the former one, and makes it believe gateways of both', async () => {
    const [former, next] = [await createAuthority('CA 1'), await createAuthority('CA 2')];
    const key = newKey();
    const certificate = await next.signFollower(certificateRequest(SERIAL_NUMBER, key), former);
    const ca = former.certificatePem;
    checkIssued({ serialNumber: SERIAL_NUMBER, certificate, key, ca }, Date.now());
    const trust = certificatesIn(withSuccessors(ca, certificate));
    expect(trust.map(({ subject }) => subject)).toEqual(['CN=CA 1', 'CN=CA 2']);
    for (const authority of [former, next]) {
      const { certificatePem } = await authority.issueGateway({ name: 'gwa.ccn' });
      const chain = certificatesIn(certificatePem);
      expect(judgeChain(chain, trust, 'server', Date.now())).toMatchObject({ ok: true });
    }
  });

  it('is not kept when the CA in force has not named it, whatever a gateway puts beside it', async () => {
    const [former, next] = [await createAuthority('CA 1'), await createAuthority('CA 2')];
    const third = await createAuthority('CA 3');
    const key = newKey();
    const ca = former.certificatePem;
    const request = certificateRequest(SERIAL_NUMBER, key);
    const forged = [
      await next.signFollower(request, third),
      `${await next.signDevice(request)}\n${await former.vouchFor(third.certificatePem)}\n${next.certificatePem}`,
    ];
    for (const certificate of forged) {
      expect(withSuccessors(ca, certificate)).toBe(ca);
      const identity = { serialNumber: SERIAL_NUMBER, certificate, key, ca };
      expect(() => checkIssued(identity, Date.now())).toThrow('does not lead to a CA');
    }
  });
});
