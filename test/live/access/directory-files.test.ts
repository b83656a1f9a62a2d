/** The files of a real directory answer as those of the model disk do, and nobody else may read them. */
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryFiles } from '../../../agent/adapters/store/directory-files.ts';
import { keepGeneration, readGenerations } from '../../../agent/durable/generations.ts';
import { keepSealed, readSealed } from '../../../agent/durable/sealed-file.ts';
import { type Files, FilesRefused } from '../../../agent/ports.ts';
import { ModelDisk } from '../../../sim/models/disk/model-disk.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sag-files-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The answers of a conversation with a disk; a refusal is its code. */
function conversation(files: Files): readonly unknown[] {
  const answers: unknown[] = [];
  const ask = (act: () => unknown): void => {
    try {
      const answer = act();
      answers.push(answer instanceof Uint8Array ? [...answer] : (answer ?? null));
    } catch (error) {
      answers.push(error instanceof FilesRefused ? error.code : error);
    }
  };
  ask(() => files.read('a'));
  ask(() => files.list('d'));
  ask(() => files.create('a', bytes('one')));
  ask(() => files.create('a', bytes('two')));
  ask(() => files.read('a'));
  ask(() => files.makeDirectory('d'));
  ask(() => files.create('d/b', bytes('')));
  ask(() => files.create('e/b', bytes('')));
  ask(() => files.flushNames('d'));
  ask(() => files.flushNames('e'));
  ask(() => files.list(''));
  ask(() => files.rename('a', 'c'));
  ask(() => files.rename('a', 'c'));
  ask(() => files.create('a', bytes('three')));
  ask(() => files.rename('a', 'c'));
  ask(() => files.read('c'));
  ask(() => files.read('d'));
  ask(() => files.remove('d'));
  ask(() => files.remove('d'));
  ask(() => files.list(''));
  return answers;
}

describe('the files of a directory', () => {
  it('answer as the model disk does', () => {
    expect(conversation(new DirectoryFiles(join(root, 'state')))).toEqual(
      conversation(new ModelDisk()),
    );
  });

  it('keep sealed files and generations over a restart', () => {
    expect(keepSealed(new DirectoryFiles(root), 'floor', bytes('1'))).toEqual({ ok: true });
    expect(keepSealed(new DirectoryFiles(root), 'floor', bytes('2'))).toEqual({ ok: true });
    expect(readSealed(new DirectoryFiles(root), 'floor').content).toEqual(bytes('2'));
    const members = new Map([['key.pem', bytes('key')]]);
    expect(keepGeneration(new DirectoryFiles(root), 'identity', members)).toEqual({ ok: true });
    expect(readGenerations(new DirectoryFiles(root), 'identity')).toEqual([{ number: 1, members }]);
  });

  it('are for their owner alone', () => {
    const files = new DirectoryFiles(join(root, 'state'));
    files.create('a', bytes('secret'));
    files.makeDirectory('d');
    expect(statSync(join(root, 'state')).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'state/a')).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, 'state/d')).mode & 0o777).toBe(0o700);
  });

  it('follow no link, leave the directory by no path, and read nothing huge', () => {
    const files = new DirectoryFiles(join(root, 'state'));
    symlinkSync('/etc/hostname', join(root, 'state/link'));
    writeFileSync(join(root, 'state/huge'), new Uint8Array(2 * 1024 * 1024));
    mkdirSync(join(root, 'beside'));
    expect(() => files.read('link')).toThrow(FilesRefused);
    expect(() => files.read('huge')).toThrow('larger');
    for (const path of [
      '../beside',
      '/etc/hostname',
      'a/../../beside',
      '.',
      'a//b',
      'a\0b',
      '.hidden',
    ]) {
      expect(() => files.read(path)).toThrow('no path of ours');
      expect(() => files.remove(path)).toThrow('no path of ours');
    }
    // A link that stands where a file of ours should is damage: set aside and replaced.
    expect(readSealed(files, 'link')).toEqual({ content: undefined, quarantined: 'link.damaged' });
    expect(keepSealed(files, 'link', bytes('1'))).toEqual({ ok: true });
  });
});
