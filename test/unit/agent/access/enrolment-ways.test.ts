/** A device whose certificate has ended asks for another one over the uplinks that are up. */
import { describe, expect, it } from 'vitest';
import { EnrolmentWays } from '../../../../agent/access/enrolment-ways.ts';
import { config, down, up } from '../../../kit/branch.ts';

const WIRED = { uplink: 'wan1', sourceAddress: '10.91.1.2' };
const LTE = { uplink: 'wan2', sourceAddress: '10.91.2.2' };
const over = (...paths: readonly unknown[]) => ({ what: 'takeWays', paths });

function ways(): EnrolmentWays {
  const found = new EnrolmentWays(config.uplinks);
  found.observe('wan2', up(LTE.sourceAddress));
  found.observe('wan1', up(WIRED.sourceAddress));
  return found;
}

describe('the ways of an enrolment', () => {
  it('are told before it begins, the best uplink first', () => {
    expect(ways().follow({ what: 'enrol' })).toEqual([over(WIRED, LTE), { what: 'enrol' }]);
  });

  it('are told again when an uplink goes and when it comes back with another address', () => {
    const found = ways();
    found.follow({ what: 'enrol' });
    expect(found.observe('wan1', down())).toEqual([over(LTE)]);
    const moved = { ...WIRED, sourceAddress: '10.91.1.7' };
    expect(found.observe('wan1', up(moved.sourceAddress))).toEqual([over(moved, LTE)]);
  });

  it('are told to nobody before it begins and after it has ended, one way or the other', () => {
    const found = ways();
    expect(found.observe('wan1', down())).toEqual([]);
    found.follow({ what: 'enrol' });
    expect(found.follow({ what: 'leaveEnrolment' })).toEqual([{ what: 'leaveEnrolment' }]);
    expect(found.observe('wan1', up(WIRED.sourceAddress))).toEqual([]);
    found.follow({ what: 'enrol' });
    found.ended();
    expect(found.observe('wan1', down())).toEqual([]);
  });

  it('leave all other work as it is', () => {
    expect(ways().follow({ what: 'makeRequest' })).toEqual([{ what: 'makeRequest' }]);
  });
});
