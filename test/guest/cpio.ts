/**
 * The `newc` archive the kernel unpacks into its first file system (Documentation/driver-api/early-userspace).
 *
 * Written as a stream of pieces, because the whole is a few hundred megabytes.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What stands at one path; a file's bytes come from elsewhere on disk or are given. */
export type Entry =
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly from: string | Uint8Array; readonly executable: boolean }
  | { readonly kind: 'link'; readonly target: string };

/** Absolute paths in the guest. */
export type Tree = ReadonlyMap<string, Entry>;

const MODE = { folder: 0o040755, file: 0o100644, executable: 0o100755, link: 0o120777 } as const;
const ALIGN = 4;

/** Writes `tree` with every folder its paths need, folders first. */
export function writeCpio(path: string, tree: Tree): void {
  const fd = openSync(path, 'w');
  try {
    let number = 0;
    for (const [name, entry] of withFolders(tree)) {
      number += 1;
      for (const piece of record(name.slice(1), entry, number)) writeSync(fd, piece);
    }
    for (const piece of record('TRAILER!!!', { kind: 'folder' }, 0)) writeSync(fd, piece);
  } finally {
    closeSync(fd);
  }
}

function withFolders(tree: Tree): readonly (readonly [string, Entry])[] {
  const whole = new Map<string, Entry>();
  const addFolder = (path: string): void => {
    if (path === '/' || whole.has(path)) return;
    addFolder(dirname(path));
    whole.set(path, tree.get(path) ?? { kind: 'folder' });
  };
  for (const [path, entry] of tree) {
    addFolder(dirname(path));
    whole.set(path, entry);
  }
  return [...whole];
}

function* record(name: string, entry: Entry, number: number): Generator<Uint8Array> {
  const bytes = contentOf(entry);
  const mode = modeOf(entry);
  const nameBytes = Buffer.from(`${name}\0`);
  // inode, mode, uid, gid, links, mtime, size, four device numbers, length of the name, checksum
  const fields = [number, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, nameBytes.length, 0];
  const words = fields.map((field) => field.toString(16).padStart(8, '0'));
  const header = Buffer.concat([Buffer.from(`070701${words.join('')}`), nameBytes]);
  yield header;
  yield padding(header.length);
  yield bytes;
  yield padding(bytes.length);
}

function contentOf(entry: Entry): Uint8Array {
  if (entry.kind === 'folder') return new Uint8Array();
  if (entry.kind === 'link') return Buffer.from(entry.target);
  return typeof entry.from === 'string' ? readFileSync(entry.from) : entry.from;
}

function modeOf(entry: Entry): number {
  if (entry.kind === 'file') return entry.executable ? MODE.executable : MODE.file;
  return MODE[entry.kind];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((ALIGN - (length % ALIGN)) % ALIGN);
}
