/**
 * One small file that is old or new after a power cut at any moment, never a mix, and that is not believed when it is
 * damaged: then the generation before it counts, and the damaged file is set aside for whoever looks into it.
 */
import { type Files, FilesRefused } from '../ports.ts';
import { directoryOf, type Kept, keeping, makeBeside, tryTo } from './keep.ts';
import { sealed, unsealed } from './seal.ts';

export interface SealedRead {
  /** Undefined when nothing sound was ever kept. */
  readonly content: Uint8Array | undefined;
  /** Where the damaged file is now, if there was one. */
  readonly quarantined: string | undefined;
}

export function readSealed(files: Files, path: string): SealedRead {
  const now = soundAt(files, path);
  const quarantined = now === 'damaged' ? `${path}.damaged` : undefined;
  if (quarantined !== undefined) tryTo(() => files.rename(path, quarantined));
  if (now instanceof Uint8Array) return { content: now, quarantined };
  const former = soundAt(files, `${path}.previous`);
  return { content: former instanceof Uint8Array ? former : undefined, quarantined };
}

/** For whoever only looks: nothing is moved. */
export function lookSealed(files: Files, path: string): Uint8Array | undefined {
  return [path, `${path}.previous`]
    .map((each) => soundAt(files, each))
    .find((each) => each instanceof Uint8Array);
}

/** Resolved with `ok`, the content is on the disk, also after a power cut. */
export function keepSealed(files: Files, path: string, content: Uint8Array): Kept {
  return keeping(() => {
    const bytes = sealed(content);
    const fresh = makeBeside(files, path, (name) => files.create(name, bytes));
    // A damaged file never takes the place of a sound one.
    if (soundAt(files, path) instanceof Uint8Array) files.rename(path, `${path}.previous`);
    files.rename(fresh, path);
    files.flushNames(directoryOf(path));
  });
}

export function forgetSealed(files: Files, path: string): Kept {
  return keeping(() => {
    // The older one first: what is left after a power cut in between is not older than it was.
    files.remove(`${path}.previous`);
    files.flushNames(directoryOf(path));
    files.remove(path);
    files.flushNames(directoryOf(path));
  });
}

/** What the disk will not even read is as good as damaged. */
function soundAt(files: Files, path: string): Uint8Array | 'missing' | 'damaged' {
  try {
    const bytes = files.read(path);
    return bytes === undefined ? 'missing' : (unsealed(bytes) ?? 'damaged');
  } catch (error) {
    if (!(error instanceof FilesRefused)) throw error;
    return 'damaged';
  }
}
