/**
 * What a model disk is made of: files and directories, each as running programs see it and as it stands on the disk;
 * and every state they may be found in after a power cut.
 */
export interface FileNode {
  readonly is: 'file';
  now: Uint8Array;
  disk: Uint8Array;
}

export interface DirectoryNode {
  readonly is: 'directory';
  now: Map<string, Node>;
  disk: Map<string, Node>;
  /** What leads from `disk` to `now`, in its order. */
  pending: ((names: Map<string, Node>) => void)[];
}

export type Node = FileNode | DirectoryNode;

export function fileNode(content: Uint8Array = new Uint8Array()): FileNode {
  return { is: 'file', now: content, disk: content };
}

export function directoryNode(names = new Map<string, Node>()): DirectoryNode {
  return { is: 'directory', now: names, disk: new Map(names), pending: [] };
}

/** Bytes of content below `node`. */
export function sizeOf(node: Node): number {
  if (node.is === 'file') return node.now.length;
  return [...node.now.values()].reduce((sum, child) => sum + sizeOf(child), 0);
}

/** The same as programs see it, all of it on the disk. */
export function copyOf(directory: DirectoryNode): DirectoryNode {
  return directoryNode(
    new Map(
      [...directory.now].map(([name, node]) => [
        name,
        node.is === 'file' ? fileNode(node.now) : copyOf(node),
      ]),
    ),
  );
}

/** Every directory a power cut may leave: any number of the pending changes, and any fate of every content. */
export function* possible(directory: DirectoryNode): Generator<DirectoryNode> {
  const names = new Map(directory.disk);
  yield* withFates(names);
  for (const apply of directory.pending) {
    apply(names);
    yield* withFates(names);
  }
}

function* withFates(names: ReadonlyMap<string, Node>): Generator<DirectoryNode> {
  const [first, ...rest] = names;
  if (first === undefined) {
    yield directoryNode();
    return;
  }
  const [name, node] = first;
  const fates =
    node.is === 'file' ? contentsOf(node).map((content) => fileNode(content)) : [...possible(node)];
  for (const others of withFates(new Map(rest))) {
    for (const fate of fates) yield directoryNode(new Map([[name, fate], ...others.now]));
  }
}

/** Lost, kept, torn in the middle, or of the new length with nothing in it. */
function contentsOf({ now, disk }: FileNode): readonly Uint8Array[] {
  if (now === disk) return [disk];
  return [disk, now, now.subarray(0, now.length >> 1), new Uint8Array(now.length)];
}
