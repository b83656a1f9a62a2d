import { expect, it } from 'vitest';
import { birthOf } from '../../../../agent/access/life.ts';
import { BOOT_ID, config, inventory, PUBLIC_KEY } from '../../../kit/branch.ts';

it('keeps a management-only uplink out of the birth, because no tunnel may run over it', () => {
  const [wired, lte] = config.uplinks;
  if (wired === undefined || lte === undefined) throw new Error('the branch has two uplinks');
  const uplinks = [wired, { ...lte, use: 'management-only' as const }];
  const birth = birthOf({
    config: { ...config, uplinks },
    inventory,
    publicKey: PUBLIC_KEY,
    bootId: BOOT_ID,
    bdSeq: 0,
    hello: undefined,
  });
  expect(birth.uplinks).toEqual([{ id: 'wan1', kind: 'wired' }]);
});
