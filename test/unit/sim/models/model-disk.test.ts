/** The model disk promises no more than POSIX: what was not flushed may be anything. */
import { describe, expect, it } from 'vitest';
import { FilesRefused } from '../../../../agent/ports.ts';
import { ModelDisk, PowerCut } from '../../../../sim/models/disk/model-disk.ts';
import { everyPowerCut } from '../../../../sim/models/disk/power-cuts.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Every content of `path` that may be found, as text; `-` where there is no such file. */
function findings(disk: ModelDisk, path: string): string[] {
  const found = [...disk.afterPowerCut()].map((after) => {
    const content = after.read(path);
    return content === undefined ? '-' : new TextDecoder().decode(content);
  });
  return [...new Set(found)].toSorted();
}

function cutAt(step: number, act: (disk: ModelDisk) => void): ModelDisk {
  const disk = new ModelDisk();
  disk.troubles = { cutAtStep: step };
  expect(() => act(disk)).toThrow(PowerCut);
  return disk;
}

describe('the model disk', () => {
  it('may lose the name of a file whose content was flushed', () => {
    const disk = new ModelDisk();
    disk.create('a', bytes('full'));
    expect(findings(disk, 'a')).toEqual(['-', 'full']);
    disk.flushNames('');
    expect(findings(disk, 'a')).toEqual(['full']);
  });

  it('may tear, blank or lose what was written and not flushed', () => {
    const disk = cutAt(4, (running) => running.create('a', bytes('full')));
    expect(findings(disk, 'a')).toEqual(['', '\0\0\0\0', '-', 'fu', 'full']);
  });

  it('shows the torn result of a file replaced in place or renamed without a flush', () => {
    const before = new ModelDisk();
    before.create('a', bytes('B0'));
    before.flushNames('');
    const replace = (disk: ModelDisk): void => {
      disk.remove('a');
      disk.create('a', bytes('C1'));
      disk.flushNames('');
    };
    const found = new Set<string>();
    for (const { disk } of everyPowerCut(before, replace)) {
      found.add(new TextDecoder().decode(disk.read('a') ?? bytes('-')));
    }
    expect([...found].toSorted()).toEqual(['', '\0', '\0\0', '-', 'B0', 'C', 'C1']);
  });

  it('renames as one step: the old name or the new one, never both and never none', () => {
    const disk = new ModelDisk();
    disk.create('a', bytes('x'));
    disk.flushNames('');
    disk.rename('a', 'b');
    for (const after of disk.afterPowerCut()) expect(after.list('')).toHaveLength(1);
  });

  it('keeps the order of names within one directory and none between two', () => {
    const disk = new ModelDisk();
    disk.makeDirectory('d');
    disk.create('d/a', bytes('x'));
    disk.create('d/b', bytes('x'));
    const inside = [...disk.afterPowerCut()].map((after) => after.list('d').join());
    expect(new Set(inside)).toEqual(new Set(['', 'a', 'a,b']));
    disk.flushNames('d');
    // The directory itself may still be missing.
    expect([...disk.afterPowerCut()].map((after) => after.list('').join())).toContain('');
  });

  it('fails the step it is told to, is full, and is read-only', () => {
    const disk = new ModelDisk();
    disk.troubles = { failAtStep: { step: 4, code: 'EIO' } };
    expect(() => disk.create('a', bytes('x'))).toThrow(FilesRefused);
    expect(findings(disk, 'a')).toContain('');
    disk.troubles = { capacityBytes: 3 };
    expect(() => disk.create('b', bytes('long'))).toThrow('full');
    disk.troubles = { readOnly: true };
    expect(() => disk.remove('a')).toThrow('read-only');
    expect(disk.read('a')).toEqual(bytes('x'));
  });

  it('refuses what a real one refuses', () => {
    const disk = new ModelDisk();
    disk.makeDirectory('d');
    disk.create('a', bytes('x'));
    expect(() => disk.create('a', bytes('y'))).toThrow('is there');
    expect(() => disk.create('no/a', bytes('y'))).toThrow('no directory');
    expect(() => disk.rename('a', 'd')).toThrow('cannot be replaced');
    expect(() => disk.rename('b', 'c')).toThrow('not there');
    expect(() => disk.read('d')).toThrow('directory');
    disk.remove('never');
  });
});
