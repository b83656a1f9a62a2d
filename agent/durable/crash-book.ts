/**
 * The book of crashes as one small file beside the store: it must be readable when the store's content is what crashes.
 */
import type { CrashBook } from '../model/restart.ts';
import type { Files } from '../ports.ts';
import type { Kept } from './keep.ts';
import { keepSealed, readSealed } from './sealed-file.ts';

const FILE = 'crashes';

/** Undefined on a device that has never crashed, and where the file is damaged or foreign. */
export function readCrashBook(files: Files): CrashBook | undefined {
  const { content } = readSealed(files, FILE);
  if (content === undefined) return undefined;
  try {
    return asBook(JSON.parse(new TextDecoder().decode(content)));
  } catch {
    return undefined;
  }
}

export function keepCrashBook(files: Files, book: CrashBook): Kept {
  return keepSealed(files, FILE, new TextEncoder().encode(JSON.stringify(book)));
}

function asBook(value: unknown): CrashBook | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { v, crashes, relapses, keptBy } = value as Readonly<Record<string, unknown>>;
  if (v !== 1 || !isCount(crashes) || !isCount(relapses)) return undefined;
  return { v, crashes, relapses, ...(typeof keptBy === 'string' && { keptBy }) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
