/** Which name servers are asked, and from where. */
import { describe, expect, it } from 'vitest';
import { waysOf } from '../../../../agent/adapters/names/name-question.ts';

const WAN1 = '203.0.113.10';
const GIVEN = ['203.0.113.1'];
const SYSTEM = ['192.0.2.53', '192.0.2.54'];

describe('name servers', () => {
  it('that were set or given are asked over the uplink, those of the box as it routes', () => {
    expect(waysOf(GIVEN, SYSTEM, WAN1)).toEqual([
      { servers: GIVEN, localAddress: WAN1 },
      { servers: SYSTEM },
    ]);
  });

  it('of the box are asked over the uplink as well where none were given', () => {
    expect(waysOf([], SYSTEM, WAN1)).toEqual([
      { servers: SYSTEM, localAddress: WAN1 },
      { servers: SYSTEM },
    ]);
  });

  it('that were given are asked as the box routes where it has none itself, and no uplink is chosen', () => {
    expect(waysOf(GIVEN, [], undefined)).toEqual([{ servers: GIVEN }]);
  });

  it.each(['127.0.0.53', '::1'])('on this very box (%s) are not behind an uplink', (forwarder) => {
    expect(waysOf([], [forwarder], WAN1)).toEqual([{ servers: [forwarder] }]);
  });

  it('are none where nobody knows one', () => {
    expect(waysOf([], [], WAN1)).toEqual([]);
  });
});
