/** A sealed file under power cuts, refusals and damage: old or new, never a mix, and never believed when damaged. */
import { describe, expect, it } from 'vitest';
import { forgetSealed, keepSealed, readSealed } from '../../../../agent/durable/sealed-file.ts';
import type { Files } from '../../../../agent/ports.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { ModelDisk } from '../../../../sim/models/disk/model-disk.ts';
import { everyPowerCut, everyRefusal } from '../../../../sim/models/disk/power-cuts.ts';
import { expectOneOf } from '../../../kit/expect-one-of.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function keep(files: Files, text: string) {
  return keepSealed(files, 'floor', bytes(text));
}

function read(files: Files): string | undefined {
  const { content } = readSealed(files, 'floor');
  return content && new TextDecoder().decode(content);
}

function diskWith(...texts: readonly string[]): ModelDisk {
  const disk = new ModelDisk();
  for (const text of texts) expect(keep(disk, text)).toEqual({ ok: true });
  return disk.copy();
}

describe('a sealed file', () => {
  it('is read as it was kept, and as nothing before', () => {
    expect(read(diskWith())).toBeUndefined();
    expect(read(diskWith('one'))).toBe('one');
    expect(read(diskWith('one', 'two', ''))).toBe('');
  });

  it.each([[[]], [['one']], [['one', 'two']]])(
    'is old or new after a power cut at any step, over %j',
    (texts) => {
      const old = texts.at(-1);
      let cuts = 0;
      for (const { at, disk, isThrough } of everyPowerCut(diskWith(...texts), (running) =>
        keep(running, 'new'),
      )) {
        cuts += 1;
        const found = read(disk);
        expectOneOf(found, [isThrough ? 'new' : old, 'new'], at);
        // What is found can be worked with: the next one is kept and read.
        expect({ at, kept: keep(disk, 'next') }).toEqual({ at, kept: { ok: true } });
        expect({ at, found: read(disk) }).toEqual({ at, found: 'next' });
      }
      expect(cuts).toBeGreaterThan(15);
    },
  );

  it('is on the disk whenever keeping said so, whichever step was refused', () => {
    for (const { at, disk, answer } of everyRefusal(diskWith('old'), (running) =>
      keep(running, 'new'),
    )) {
      for (const found of disk.afterPowerCut()) {
        expectOneOf(read(found), answer.ok ? ['new'] : ['old', 'new'], at);
      }
      expect({ at, kept: keep(disk, 'next') }).toEqual({ at, kept: { ok: true } });
    }
  });

  it('is written to another file when its flush fails, and not flushed again', () => {
    const disk = diskWith('old');
    disk.troubles = { failAtStep: { step: 4, code: 'EIO' } };
    expect(keep(disk, 'new')).toEqual({ ok: true });
    expect(disk.steps[3]).toBe('flush floor.new-1');
    expect(disk.steps).toContain('flush floor.new-2');
  });

  it('refuses with a code on a full and on a read-only disk, and keeps what it had', () => {
    const disk = diskWith('old');
    disk.troubles = { capacityBytes: 40 };
    expect(keep(disk, 'new and far too long')).toMatchObject({ ok: false, code: 'ESTORAGE' });
    disk.troubles = { readOnly: true };
    expect(keep(disk, 'new')).toMatchObject({
      ok: false,
      because: expect.stringMatching(/^EROFS/),
    });
    expect(read(disk)).toBe('old');
    disk.troubles = {};
    expect(keep(disk, 'new')).toEqual({ ok: true });
  });

  it('falls back to the generation before when it is damaged, and is set aside', () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 2_000; round += 1) {
      const disk = diskWith('one', 'two');
      damage(disk, 'floor', random);
      const { content, quarantined } = readSealed(disk, 'floor');
      expect(content).toEqual(bytes('one'));
      expect(quarantined).toBe('floor.damaged');
      expect(disk.list('')).toContain('floor.damaged');
      expect(keep(disk, 'three')).toEqual({ ok: true });
      expect(read(disk)).toBe('three');
    }
  });

  it('never lets a damaged file take the place of the sound one before it', () => {
    const disk = diskWith('one', 'two');
    damage(disk, 'floor', new SeededRandom(1));
    expect(keep(disk, 'three')).toEqual({ ok: true });
    damage(disk, 'floor', new SeededRandom(2));
    expect(read(disk)).toBe('one');
  });

  it('is there or gone, never an older one, when the power goes while it is forgotten', () => {
    for (const { at, disk, isThrough } of everyPowerCut(diskWith('one', 'two'), (running) =>
      forgetSealed(running, 'floor'),
    )) {
      expectOneOf(read(disk), isThrough ? [undefined] : ['two', undefined], at);
    }
  });
});

/** Another file of that name: bits flipped, cut short, lengthened or replaced. */
function damage(disk: ModelDisk, path: string, random: SeededRandom): void {
  const sound = disk.read(path) ?? new Uint8Array();
  const damaged = Uint8Array.from([...sound, ...(random.u32() % 4 === 0 ? [0, 0] : [])]);
  const at = random.u32() % sound.length;
  damaged[at] = (damaged[at] ?? 0) ^ (1 + (random.u32() % 255));
  const length = random.u32() % 3 === 0 ? random.u32() % sound.length : damaged.length;
  disk.remove(path);
  disk.create(path, damaged.subarray(0, length));
  disk.flushNames('');
}
