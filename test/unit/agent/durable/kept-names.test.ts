/** The kept addresses of gateways: old or new after a power cut, and nothing where the file is not to be believed. */
import { describe, expect, it } from 'vitest';
import {
  KEPT_NAMES_FILE,
  keepNames,
  lookAtKeptNames,
  readKeptNames,
} from '../../../../agent/durable/kept-names.ts';
import { keepSealed } from '../../../../agent/durable/sealed-file.ts';
import type { KeptName } from '../../../../agent/model/gateway-name.ts';
import { ModelDisk } from '../../../../sim/models/disk/model-disk.ts';
import { everyPowerCut, everyRefusal } from '../../../../sim/models/disk/power-cuts.ts';
import { expectOneOf } from '../../../kit/expect-one-of.ts';

const named = (address: string): readonly KeptName[] => [
  { name: 'gwa.ccn.example', addresses: [{ address, provedWallMs: 1 }] },
];
const [OLD, NEW] = [named('192.0.2.1'), named('2001:db8::1')];

function diskWith(...kept: readonly (readonly KeptName[])[]): ModelDisk {
  const disk = new ModelDisk();
  for (const names of kept) expect(keepNames(disk, names)).toEqual({ ok: true });
  return disk.copy();
}

describe('kept addresses', () => {
  it('are read as they were kept, and are none on a new device', () => {
    expect(readKeptNames(diskWith())).toEqual({ names: [] });
    expect(readKeptNames(diskWith(OLD, NEW))).toEqual({ names: NEW });
  });

  it('are old or new after a power cut at any step', () => {
    for (const { at, disk } of everyPowerCut(diskWith(OLD), (each) => keepNames(each, NEW))) {
      expectOneOf(readKeptNames(disk).names, [OLD, NEW], at);
    }
  });

  it('are old or new after any refusal of the disk, which is an answer and no exception', () => {
    for (const { at, disk } of everyRefusal(diskWith(OLD), (each) => keepNames(each, NEW))) {
      expectOneOf(readKeptNames(disk).names, [OLD, NEW], at);
    }
  });

  it('are none where the file is damaged, with the reason, and are kept anew after that', () => {
    const disk = diskWith();
    disk.create(KEPT_NAMES_FILE, new TextEncoder().encode('sag1 4 00000000\n{}{}'));
    expect(readKeptNames(disk)).toEqual({
      names: [],
      problem: 'the file is damaged, and is now gateway-names.damaged',
    });
    expect(keepNames(disk, NEW)).toEqual({ ok: true });
    expect(readKeptNames(disk)).toEqual({ names: NEW });
  });

  it('are seen by whoever only looks, who moves nothing', () => {
    const disk = diskWith(OLD, NEW);
    expect(lookAtKeptNames(disk)).toEqual(NEW);
    disk.remove(KEPT_NAMES_FILE);
    disk.create(KEPT_NAMES_FILE, new TextEncoder().encode('torn'));
    const before = disk.list('');
    expect(lookAtKeptNames(disk)).toEqual(OLD);
    expect(disk.list('')).toEqual(before);
    expect(lookAtKeptNames(diskWith())).toEqual([]);
  });

  it.each([
    'null',
    '7',
    '{}',
    '{"v":2,"names":[]}',
    '{"v":1,"names":{}}',
    '{"v":1,"names":[null]}',
    '{"v":1,"names":[{"name":1,"addresses":[]}]}',
    '{"v":1,"names":[{"name":"a","addresses":["192.0.2.1"]}]}',
    '{"v":1,"names":[{"name":"a","addresses":[{"address":"gwa.example","provedWallMs":1}]}]}',
    '{"v":1,"names":[{"name":"a","addresses":[{"address":"192.0.2.1","provedWallMs":"1"}]}]}',
    'not JSON',
  ])('are none where the file is whole and says %s', (text) => {
    const disk = diskWith();
    keepSealed(disk, KEPT_NAMES_FILE, new TextEncoder().encode(text));
    expect(readKeptNames(disk)).toEqual({
      names: [],
      problem: 'the file is of another version',
    });
  });
});
