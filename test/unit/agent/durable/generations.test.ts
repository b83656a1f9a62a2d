/** Files that belong together, under power cuts, refusals and damage: a generation is there whole or not at all. */
import { describe, expect, it } from 'vitest';
import {
  dropGeneration,
  keepGeneration,
  readGenerations,
} from '../../../../agent/durable/generations.ts';
import type { Files } from '../../../../agent/ports.ts';
import { ModelDisk } from '../../../../sim/models/disk/model-disk.ts';
import { everyPowerCut, everyRefusal } from '../../../../sim/models/disk/power-cuts.ts';
import { expectOneOf } from '../../../kit/expect-one-of.ts';

/** A pair in which each half names the other, as a key and its certificate do. */
function pair(name: string): ReadonlyMap<string, Uint8Array> {
  const encoder = new TextEncoder();
  return new Map([
    ['key.pem', encoder.encode(`key of ${name}`)],
    ['certificate.pem', encoder.encode(`certificate of ${name}`)],
  ]);
}

function keep(files: Files, name: string) {
  return keepGeneration(files, 'identity', pair(name));
}

/** Names of the pairs that are there, newest first; a mixed pair would tell itself. */
function names(files: Files): readonly string[] {
  return readGenerations(files, 'identity').map(({ members }) => {
    const texts = ['key.pem', 'certificate.pem'].map((member) =>
      new TextDecoder().decode(members.get(member)).replace(/^.* of /, ''),
    );
    expect(texts[0]).toBe(texts[1]);
    return texts[0] ?? '';
  });
}

function diskWith(...kept: readonly string[]): ModelDisk {
  const disk = new ModelDisk();
  for (const name of kept) expect(keep(disk, name)).toEqual({ ok: true });
  return disk.copy();
}

describe('generations', () => {
  it('are read newest first, and the old one stays until it is dropped', () => {
    const disk = diskWith('a', 'b');
    expect(names(disk)).toEqual(['b', 'a']);
    const oldest = readGenerations(disk, 'identity').at(-1)?.number ?? 0;
    expect(dropGeneration(disk, 'identity', oldest)).toEqual({ ok: true });
    expect(names(disk)).toEqual(['b']);
  });

  it.each([[[]], [['a']]])(
    'are whole or not there after a power cut at any step, over %j',
    (kept) => {
      let cuts = 0;
      for (const { at, disk, isThrough } of everyPowerCut(diskWith(...kept), (running) =>
        keep(running, 'new'),
      )) {
        cuts += 1;
        const found = names(disk);
        expectOneOf(found, [isThrough ? ['new', ...kept] : kept, ['new', ...kept]], at);
        expect({ at, kept: keep(disk, 'next') }).toEqual({ at, kept: { ok: true } });
        expect({ at, newest: names(disk)[0] }).toEqual({ at, newest: 'next' });
      }
      expect(cuts).toBeGreaterThan(50);
    },
  );

  it('are on the disk whenever keeping said so, whichever step was refused', () => {
    for (const { at, disk, answer } of everyRefusal(diskWith('a'), (running) =>
      keep(running, 'new'),
    )) {
      for (const found of disk.afterPowerCut()) {
        expectOneOf(names(found), answer.ok ? [['new', 'a']] : [['new', 'a'], ['a']], at);
      }
    }
  });

  it('lose only the dropped one when the power goes while it is dropped', () => {
    for (const { at, disk } of everyPowerCut(diskWith('a', 'b'), (running) =>
      dropGeneration(running, 'identity', 1),
    )) {
      expectOneOf(names(disk), [['b', 'a'], ['b']], at);
    }
  });

  it('are passed over when a member is damaged, missing or foreign', () => {
    for (const change of ['damaged', 'missing', 'no seal']) {
      const disk = diskWith('a', 'b');
      disk.remove(change === 'no seal' ? 'identity.2/seal' : 'identity.2/key.pem');
      if (change === 'damaged') disk.create('identity.2/key.pem', new Uint8Array([1, 2, 3]));
      expect(names(disk)).toEqual(['a']);
      expect(keep(disk, 'c')).toEqual({ ok: true });
      expect(names(disk)).toEqual(['c', 'a']);
    }
  });
});
