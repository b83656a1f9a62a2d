/** What a fleet run counts as kept, lost and well. */
import { beforeEach, describe, expect, test } from 'vitest';
import { FleetLedger } from '../../../../sim/fleet/fleet-ledger.ts';
import { percentile } from '../../../../sim/fleet/percentile.ts';

const PROCESS = { residentMB: 1, tookMs: 2 };

describe('the ledger of a fleet', () => {
  let ledger: FleetLedger;

  beforeEach(() => {
    ledger = new FleetLedger(['a', 'b']);
    for (const serialNumber of ['a', 'b']) {
      ledger.born(serialNumber, 0);
      ledger.reported(serialNumber);
    }
    ledger.gatewayRestarted(1_000);
  });

  function everyoneReturnsAndLeaves(): void {
    ledger.born('a', 1_200);
    ledger.born('b', 1_500);
    ledger.born('b', 9_000);
    for (const serialNumber of ['a', 'b']) ledger.left(serialNumber);
  }

  test('is well when every device came, returned and left and every event was stored', () => {
    everyoneReturnsAndLeaves();
    ledger.raised('a-1');
    ledger.stored('a-1');
    ledger.duplicated();
    expect(ledger.result(PROCESS)).toEqual({
      devices: 2,
      registered: 2,
      reported: 2,
      returned: 2,
      leftWithGoodbye: 2,
      eventsRaised: 1,
      eventsStored: 1,
      eventsLost: 0,
      duplicates: 1,
      reconnectP95Ms: 500,
      residentMB: 1,
      tookMs: 2,
      ok: true,
    });
  });

  test('one event that was raised and never stored spoils the run', () => {
    everyoneReturnsAndLeaves();
    ledger.raised('a-1');
    expect(ledger.result(PROCESS)).toMatchObject({ eventsLost: 1, ok: false });
    expect(ledger.lost).toEqual(['a-1']);
  });

  test('one device that does not return, or leaves without goodbye, spoils the run', () => {
    ledger.born('a', 1_200);
    ledger.left('a');
    ledger.left('b');
    expect(ledger.result(PROCESS)).toMatchObject({ returned: 1, ok: false });
  });

  test('a device that is not of the fleet is not counted', () => {
    ledger.born('stranger', 0);
    expect(ledger.result(PROCESS)).toMatchObject({ devices: 2, registered: 2 });
  });
});

test('a percentile is the smallest value that so many do not exceed', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(values, 95)).toBe(95);
  expect(percentile([7], 95)).toBe(7);
  expect(percentile([], 95)).toBe(0);
});
