/** What a technician reads while a device asks for its certificate. */
import { describe, expect, it } from 'vitest';
import { Enrolment } from '../../../../agent/access/enrolment.ts';
import type { EnrolmentEvent } from '../../../../agent/access/enrolment-events.ts';
import { enrolmentTexts } from '../../../../agent/diag/enrolment-words.ts';
import type { GatewayAddress } from '../../../../agent/model/config.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';

const GATEWAY = { id: 'gwa', address: '192.0.2.1', port: 8443, serverName: 'gwa.ccn' };
const MET = { type: 'boardMet', serialNumber: 'SAG1', canProve: true } as const;
const REQUEST = { type: 'requestMade', request: 'CSR' } as const;

function wordsAfter(
  events: readonly EnrolmentEvent[],
  gateway: GatewayAddress = { ...GATEWAY, enrolmentPort: 8444 },
): string {
  const core = new Enrolment({ tenant: 'acme', gateways: [gateway], random: new SeededRandom(3) });
  for (const event of events) core.handle(event, 0);
  return enrolmentTexts(core.snapshot(), 2_000).en;
}

describe('a device that enrols', () => {
  it('says what it waits for', () => {
    expect(wordsAfter([])).toBe(
      'enrolling for a certificate, waiting for the board to say who this device is',
    );
    expect(wordsAfter([MET, REQUEST])).toBe(
      'enrolling for a certificate, connecting to gwa, for 2 s',
    );
  });

  it('says why it does not get on, and when it tries again', () => {
    const closed = { type: 'channelClosed', code: 'ECONNREFUSED', text: 'nobody listens' } as const;
    expect(wordsAfter([MET, REQUEST, closed])).toMatch(
      /^enrolling for a certificate, next attempt in .+; last error ECONNREFUSED: nobody listens$/,
    );
  });

  it('says what no attempt can put right', () => {
    expect(wordsAfter([{ ...MET, canProve: false }])).toContain('EENROL_BOARD');
    expect(wordsAfter([MET], GATEWAY)).toContain('EENROL_NOWHERE');
  });
});
