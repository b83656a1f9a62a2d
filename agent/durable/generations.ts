/**
 * Several files that belong together, such as a key and its certificate, kept as one directory per generation:
 * `identity.1`, `identity.2`. A generation is there whole or not at all, and an older one stays until it is dropped.
 *
 * A file `seal` lists every member with length and checksum, so that a damaged generation is passed over.
 */
import { type Files, FilesRefused } from '../ports.ts';
import { directoryOf, type Kept, keeping, makeBeside } from './keep.ts';
import { sealed, sealOf, unsealed } from './seal.ts';

export interface Generation {
  readonly number: number;
  readonly members: ReadonlyMap<string, Uint8Array>;
}

const SEAL = 'seal';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The sound generations of `path`, newest first. */
export function readGenerations(files: Files, path: string): readonly Generation[] {
  return numbersOf(files, path).flatMap((number) => {
    const members = soundMembers(files, `${path}.${number}`);
    return members === undefined ? [] : [{ number, members }];
  });
}

/** Keeps a new generation; the older ones stay. */
export function keepGeneration(
  files: Files,
  path: string,
  members: ReadonlyMap<string, Uint8Array>,
): Kept {
  return keeping(() => {
    const number = (numbersOf(files, path)[0] ?? 0) + 1;
    const seal = [...members].map(([name, content]) => `${name} ${sealOf(content)}\n`).join('');
    const fresh = makeBeside(files, path, (directory) => {
      files.makeDirectory(directory);
      for (const [name, content] of members) files.create(`${directory}/${name}`, content);
      files.create(`${directory}/${SEAL}`, sealed(encoder.encode(seal)));
      files.flushNames(directory);
    });
    files.rename(fresh, `${path}.${number}`);
    files.flushNames(directoryOf(path));
  });
}

export function dropGeneration(files: Files, path: string, number: number): Kept {
  return keeping(() => {
    files.remove(`${path}.${number}`);
    files.flushNames(directoryOf(path));
  });
}

/** Of all generations that have a directory, sound or not, highest first. */
function numbersOf(files: Files, path: string): readonly number[] {
  const prefix = `${path.slice(path.lastIndexOf('/') + 1)}.`;
  return files
    .list(directoryOf(path))
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .toSorted((a, b) => b - a);
}

function soundMembers(files: Files, directory: string): Map<string, Uint8Array> | undefined {
  try {
    const seal = files.read(`${directory}/${SEAL}`);
    const list = seal && unsealed(seal);
    if (list === undefined) return undefined;
    const members = new Map<string, Uint8Array>();
    for (const line of decoder.decode(list).split('\n').slice(0, -1)) {
      const name = line.slice(0, line.indexOf(' '));
      const content = files.read(`${directory}/${name}`);
      if (content === undefined || line !== `${name} ${sealOf(content)}`) return undefined;
      members.set(name, content);
    }
    return members;
  } catch (error) {
    if (!(error instanceof FilesRefused)) throw error;
    return undefined;
  }
}
