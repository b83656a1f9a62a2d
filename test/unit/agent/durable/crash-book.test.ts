/** The book of crashes on a disk that loses power, and with content that is not ours. */
import { describe, expect, it } from 'vitest';
import { keepCrashBook, readCrashBook } from '../../../../agent/durable/crash-book.ts';
import { keepSealed } from '../../../../agent/durable/sealed-file.ts';
import type { CrashBook } from '../../../../agent/model/restart.ts';
import { ModelDisk } from '../../../../sim/models/disk/model-disk.ts';
import { everyPowerCut } from '../../../../sim/models/disk/power-cuts.ts';
import { expectOneOf } from '../../../kit/expect-one-of.ts';

const one: CrashBook = { v: 1, crashes: 1, relapses: 0 };
const two: CrashBook = { v: 1, crashes: 2, relapses: 3, keptBy: '1.2.3' };

describe('the book of crashes', () => {
  it('is empty at first, and read as it was kept', () => {
    const disk = new ModelDisk();
    expect(readCrashBook(disk)).toBeUndefined();
    keepCrashBook(disk, two);
    expect(readCrashBook(disk)).toEqual(two);
  });

  it('is old or new after a power cut at any step', () => {
    const before = new ModelDisk();
    keepCrashBook(before, one);
    for (const { at, disk, isThrough } of everyPowerCut(before.copy(), (running) =>
      keepCrashBook(running, two),
    )) {
      expectOneOf(readCrashBook(disk), [isThrough ? two : one, two], at);
    }
  });

  it.each([
    '',
    'null',
    '7',
    '{}',
    '{"v":1,',
    '{"v":2,"crashes":1,"relapses":0}',
    '{"v":1,"crashes":-1,"relapses":0}',
    '{"v":1,"crashes":1,"relapses":-1}',
    '{"v":1,"crashes":1.5,"relapses":0}',
    '{"v":1,"crashes":1,"relapses":"0"}',
  ])('is as good as empty where it holds %j', (text) => {
    const disk = new ModelDisk();
    keepSealed(disk, 'crashes', new TextEncoder().encode(text));
    expect(readCrashBook(disk)).toBeUndefined();
  });

  it('is kept with counts of nothing, and without a version that is no text', () => {
    const disk = new ModelDisk();
    const none: CrashBook = { v: 1, crashes: 0, relapses: 0 };
    expect(keepCrashBook(disk, none)).toMatchObject({ ok: true });
    expect(readCrashBook(disk)).toStrictEqual(none);
    const text = '{"v":1,"crashes":2,"relapses":3,"keptBy":7}';
    keepSealed(disk, 'crashes', new TextEncoder().encode(text));
    expect(readCrashBook(disk)).toStrictEqual({ v: 1, crashes: 2, relapses: 3 });
  });
});
