/**
 * What the score of an area depends on, as one number: its files, its tests, all they load, the bytes the tests read,
 * and the machinery that judges. While that is the same, so is the score.
 */
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';
import type { Area } from './areas.ts';

/** The text of a file; throws when there is none. */
type Read = (path: string) => string;

/** Read by tests as files, not loaded. */
const VECTORS = 'test/vectors/**/*.*';
/** The judge, and the packages it is made of. */
const MACHINERY = [
  'test/mutation/{runner,orders,suite,test-thread,thread-host}.ts',
  'package-lock.json',
];
/** What a module loads: imports that are left once types are gone, and programs of threads by their URL. */
const LOADED = /(?:\bfrom|\bimport|\bimport\(|new URL\()\s*'(\.[^']+\.ts)'/g;

export function fingerprintOf({ files, tests, leftOut = [] }: Area, read: Read): string {
  const excluded = files.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  const own = globSync([...files.filter((glob) => !glob.startsWith('!')), ...tests], {
    exclude: excluded,
  });
  const depended = [...loadedBy(own, read), ...globSync([VECTORS, ...MACHINERY])];
  const hash = createHash('sha256').update(JSON.stringify(leftOut));
  for (const path of [...new Set(depended)].toSorted()) {
    hash.update(`\0${path}\0`).update(read(path));
  }
  return hash.digest('hex');
}

/** These modules and all they load, of ours. */
export function loadedBy(entries: readonly string[], read: Read): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [...entries];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    const directory = posix.dirname(path);
    for (const [, specifier = ''] of stripTypeScriptTypes(read(path)).matchAll(LOADED)) {
      left.push(posix.join(directory, specifier));
    }
  }
  return found;
}
