import { expect, it } from 'vitest';
import type { LifeSign } from '../../../../agent/access/intake.ts';
import { birthOf, readLife } from '../../../../agent/access/life.ts';
import { BOOT_ID, config, hello, inventory, PUBLIC_KEY } from '../../../kit/branch.ts';

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

it('says of the board what it said of itself, and that it is unknown before', () => {
  const parts = { config, inventory, publicKey: PUBLIC_KEY, bootId: BOOT_ID, bdSeq: 0 };
  const { model, hardwareRevision, firmwareVersion } = hello;
  expect(birthOf({ ...parts, hello })).toMatchObject({ model, hardwareRevision, firmwareVersion });
  expect(birthOf({ ...parts, hello: undefined })).toMatchObject({
    model: 'unknown',
    hardwareRevision: 'unknown',
    firmwareVersion: 'unknown',
  });
});

const OWN = { bdSeq: 4, bootId: BOOT_ID };
const online = { v: 1, state: 'online', ...OWN } as const;
const offline = { v: 1, state: 'offline', ...OWN, why: 'lost' } as const;

it.each<[string, LifeSign, boolean, string]>([
  ['our birth', online, false, 'echo'],
  ['our birth, retained', online, true, 'echo'],
  ['an earlier birth of this run', { ...online, bdSeq: 3 }, false, 'history'],
  ['a birth of another run that was there before', { ...online, bootId: 'x' }, true, 'history'],
  ['a birth of another run, now', { ...online, bootId: 'x' }, false, 'stranger'],
  ['an end that was there before', offline, true, 'history'],
  ['an end, now', offline, false, 'declared-offline'],
  ['an end of another run, now', { ...offline, bootId: 'x' }, false, 'declared-offline'],
])('reads %s', (_, life, retained, reading) => {
  expect(readLife(life, OWN, retained)).toBe(reading);
});
