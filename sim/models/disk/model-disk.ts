/**
 * A disk that keeps no more than POSIX promises: content that was not flushed may be lost, torn or zeros after a power
 * cut, names that were not flushed may be the old ones, and every step can fail.
 *
 * Changes of the names in one directory reach the disk in their order, as every journalling file system has it, and
 * independently of other directories. A cut does not choose: `afterPowerCut` tells every disk that may be found.
 */
import { type Files, FilesRefused } from '../../../agent/ports.ts';
import {
  copyOf,
  type DirectoryNode,
  directoryNode,
  type FileNode,
  fileNode,
  type Node,
  possible,
  sizeOf,
} from './model-disk-nodes.ts';

export interface DiskTroubles {
  /** The power goes before this step, counted from 1. */
  readonly cutAtStep?: number;
  /** This step fails, and no other. */
  readonly failAtStep?: { readonly step: number; readonly code: 'EIO' | 'ENOSPC' };
  readonly readOnly?: boolean;
  /** Contents beyond this do not fit. */
  readonly capacityBytes?: number;
}

/** Thrown from the step the power went at, and from every later one: nothing runs without power. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

export class ModelDisk implements Files {
  readonly #root: DirectoryNode;
  readonly #done: string[] = [];
  troubles: DiskTroubles = {};

  constructor(root: DirectoryNode = directoryNode()) {
    this.#root = root;
  }

  /** What was done so far, one line a step. */
  get steps(): readonly string[] {
    return this.#done;
  }

  /** The same disk again, with its own future. */
  copy(): ModelDisk {
    return new ModelDisk(copyOf(this.#root));
  }

  /** Every disk that may be found when the power comes back. */
  *afterPowerCut(): Generator<ModelDisk> {
    for (const root of possible(this.#root)) {
      yield new ModelDisk(copyOf(root));
    }
  }

  read(path: string): Uint8Array | undefined {
    const node = this.#find(path);
    if (node?.is === 'directory') throw new FilesRefused('EISDIR', `${path} is a directory`);
    return node && Uint8Array.from(node.now);
  }

  list(path: string): readonly string[] {
    const node = this.#find(path);
    return node?.is === 'directory' ? [...node.now.keys()].toSorted() : [];
  }

  create(path: string, bytes: Uint8Array): void {
    const file = fileNode();
    this.#step(`create ${path}`, () => this.#add(path, file));
    // In two writes, so that the power can go between them.
    const half = Math.ceil(bytes.length / 2);
    this.#step(`write ${path}`, () => this.#write(file, bytes.subarray(0, half)));
    this.#step(`write ${path} to its end`, () => this.#write(file, bytes));
    this.#step(`flush ${path}`, () => {
      file.disk = file.now;
    });
  }

  makeDirectory(path: string): void {
    this.#step(`make directory ${path}`, () => this.#add(path, directoryNode()));
  }

  rename(from: string, to: string): void {
    const [directory, oldName] = this.#place(from);
    const [other, newName] = this.#place(to);
    this.#step(`rename ${from} to ${to}`, () => {
      const node = directory.now.get(oldName);
      if (directory !== other) throw new FilesRefused('EXDEV', 'another directory');
      if (node === undefined) throw new FilesRefused('ENOENT', `${from} is not there`);
      const there = directory.now.get(newName);
      if (there?.is === 'directory' || (there && node.is === 'directory')) {
        throw new FilesRefused('EEXIST', `${to} cannot be replaced`);
      }
      change(directory, (names) => {
        names.delete(oldName);
        names.set(newName, node);
      });
    });
  }

  flushNames(path: string): void {
    this.#step(`flush the names in '${path}'`, () => {
      const node = this.#find(path);
      if (node?.is !== 'directory') throw new FilesRefused('ENOENT', `${path} is no directory`);
      node.disk = new Map(node.now);
      node.pending = [];
    });
  }

  remove(path: string): void {
    const node = this.#find(path);
    if (node === undefined) return;
    for (const name of node.is === 'directory' ? [...node.now.keys()] : []) {
      this.remove(`${path}/${name}`);
    }
    const [directory, name] = this.#place(path);
    this.#step(`remove ${path}`, () => change(directory, (names) => names.delete(name)));
  }

  #step(what: string, act: () => void): void {
    const { cutAtStep = Number.POSITIVE_INFINITY, failAtStep, readOnly } = this.troubles;
    const step = this.#done.length + 1;
    if (step >= cutAtStep) throw new PowerCut(`before step ${step}: ${what}`);
    this.#done.push(what);
    if (readOnly === true) throw new FilesRefused('EROFS', `${what}: read-only`);
    if (failAtStep?.step === step) throw new FilesRefused(failAtStep.code, what);
    act();
  }

  #write(file: FileNode, bytes: Uint8Array): void {
    const { capacityBytes = Number.POSITIVE_INFINITY } = this.troubles;
    if (sizeOf(this.#root) - file.now.length + bytes.length > capacityBytes) {
      throw new FilesRefused('ENOSPC', 'the disk is full');
    }
    file.now = Uint8Array.from(bytes);
  }

  #add(path: string, node: Node): void {
    const [directory, name] = this.#place(path);
    if (directory.now.has(name)) throw new FilesRefused('EEXIST', `${path} is there`);
    change(directory, (names) => names.set(name, node));
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path === '' ? [] : path.split('/')) {
      node = node?.is === 'directory' ? node.now.get(name) : undefined;
    }
    return node;
  }

  #place(path: string): readonly [DirectoryNode, string] {
    const at = path.lastIndexOf('/');
    const parent = this.#find(path.slice(0, Math.max(0, at)));
    if (parent?.is === 'directory') return [parent, path.slice(at + 1)];
    throw new FilesRefused('ENOENT', `${path} has no directory`);
  }
}

function change(directory: DirectoryNode, apply: (names: Map<string, Node>) => void): void {
  apply(directory.now);
  directory.pending.push(apply);
}
