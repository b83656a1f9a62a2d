/**
 * The small files of one real directory: every content is flushed before its name is used, and names are flushed with
 * their directory.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Files, FilesRefused } from '../../ports.ts';
import { flushDirectory, makeDirectory } from './directory.ts';

/** A file of ours is far smaller; what is larger is not ours and is not read. */
const BYTES_MAX = 1024 * 1024;
/** Every step of a path: a plain name that is neither hidden nor a way out. */
const STEP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export class DirectoryFiles implements Files {
  readonly #root: string;

  /** The directory is made, for its owner alone, where it is missing. */
  constructor(root: string) {
    this.#root = root;
    attempt(() => makeDirectory(root));
  }

  read(path: string): Uint8Array | undefined {
    return unlessMissing(undefined, () => {
      const place = openSync(this.#at(path), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        if (fstatSync(place).size > BYTES_MAX) {
          throw new FilesRefused('EFBIG', `${path} is larger than any file of this agent`);
        }
        return Uint8Array.from(readFileSync(place));
      } finally {
        closeSync(place);
      }
    });
  }

  list(path: string): readonly string[] {
    return unlessMissing([], () => readdirSync(this.#at(path)).toSorted());
  }

  create(path: string, bytes: Uint8Array): void {
    attempt(() => {
      const place = openSync(this.#at(path), 'wx', 0o600);
      try {
        writeFileSync(place, bytes);
        fsyncSync(place);
      } finally {
        closeSync(place);
      }
    });
  }

  makeDirectory(path: string): void {
    attempt(() => mkdirSync(this.#at(path), { mode: 0o700 }));
  }

  rename(from: string, to: string): void {
    attempt(() => renameSync(this.#at(from), this.#at(to)));
  }

  flushNames(path: string): void {
    attempt(() => flushDirectory(this.#at(path)));
  }

  remove(path: string): void {
    attempt(() => rmSync(this.#at(path), { recursive: true, force: true }));
  }

  #at(path: string): string {
    const steps = path === '' ? [] : path.split('/');
    if (steps.every((step) => STEP.test(step))) return join(this.#root, ...steps);
    throw new FilesRefused('EINVAL', `'${path}' is no path of ours`);
  }
}

function attempt<Value>(act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    if (error instanceof FilesRefused || !(error instanceof Error)) throw error;
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== 'string') throw error;
    throw new FilesRefused(code, error.message);
  }
}

function unlessMissing<Value>(otherwise: Value, act: () => Value): Value {
  try {
    return attempt(act);
  } catch (error) {
    if (error instanceof FilesRefused && error.code === 'ENOENT') return otherwise;
    throw error;
  }
}
