/** Directories: made for their owner alone, and their names brought to the disk. */
import { closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Parents first, each by itself: the recursive form of Node never ends below a directory that takes no entries. */
export function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  mkdirSync(directory, { mode: 0o700 });
}

/** After it the names in the directory survive a power cut. */
export function flushDirectory(directory: string): void {
  const place = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(place);
  } finally {
    closeSync(place);
  }
}
