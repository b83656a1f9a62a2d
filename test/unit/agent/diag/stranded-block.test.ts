/** What `tunnels` and `why` say of flows that stay on a backup. */
import { expect, it } from 'vitest';
import { strandedBlocks } from '../../../../agent/diag/stranded-block.ts';
import type { StrandedFlows } from '../../../../agent/model/snapshot.ts';

function said(flows?: number): string {
  const each: StrandedFlows = {
    tunnel: 't2',
    leftMs: 60_000,
    ...(flows === undefined ? {} : { flows }),
  };
  return JSON.stringify(strandedBlocks({ stranded: [each] }));
}

it('tells how many flows stay and for how long, and when that is not known', () => {
  expect(said(1)).toContain('1 flow that began on t2 stays there until it ends');
  expect(said(12)).toContain('12 flows that began on t2 stay there until they end');
  expect(said()).toContain('how many is not known');
});
