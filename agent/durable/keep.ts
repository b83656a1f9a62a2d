/**
 * What all ways of keeping files have in common: a refusal of the disk becomes data, and a file is written under a name
 * of its own first.
 */
import { type Files, FilesRefused } from '../ports.ts';

export type Kept =
  | { readonly ok: true }
  /** Not acknowledged: after a power cut it may be there or not, but never in part. */
  | { readonly ok: false; readonly code: 'ESTORAGE'; readonly because: string };

/** One more than the first: a flush that failed may have been this file's bad luck. */
const ATTEMPTS_MAX = 2;

/** Runs the steps of one act of keeping; anything but a refusal of the disk is our own mistake and goes on up. */
export function keeping(act: () => void): Kept {
  try {
    act();
    return { ok: true };
  } catch (error) {
    if (!(error instanceof FilesRefused)) throw error;
    return { ok: false, code: 'ESTORAGE', because: `${error.code}: ${error.message}` };
  }
}

/**
 * Makes what is to become `path` beside it, and answers with the name it has for now. A second attempt never touches
 * what the first one left.
 */
export function makeBeside(files: Files, path: string, make: (fresh: string) => void): string {
  for (let attempt = 1; ; attempt += 1) {
    const fresh = `${path}.new-${attempt}`;
    try {
      // What a power cut left of an earlier act.
      files.remove(fresh);
      make(fresh);
      return fresh;
    } catch (error) {
      if (!(error instanceof FilesRefused)) throw error;
      tryTo(() => files.remove(fresh));
      if (attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** For tidying up: whether it succeeds changes nothing. */
export function tryTo(act: () => void): void {
  keeping(act);
}

export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
