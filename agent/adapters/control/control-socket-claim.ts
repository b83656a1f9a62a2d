/**
 * Takes possession of the path of a Unix socket, safely.
 *
 * A socket file outlives the process that made it. It is removed only when it is a socket and nobody answers
 * behind it; a living owner or a file of another kind is a refusal.
 */
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';

/** A door cannot be opened; `code` is stable or the system's errno. */
export class DoorClosed extends Error {
  override readonly name = 'DoorClosed';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Owner and group talk; others do not. */
const SOCKET_MODE = 0o660;
/** A living owner accepts at once; the kernel does it for it. */
const ANSWER_WAIT_MS = 1_000;

/** Lets `server` listen at `path` with mode 0660. Rejects with `DoorClosed`. */
export async function listenAtPath(server: Server, path: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    await clearStale(path);
    await listen(server, path);
    // Until now the umask ruled: nobody but the owner may write, and connecting takes writing.
    chmodSync(path, SOCKET_MODE);
  } catch (error) {
    throw doorClosed(error);
  }
}

/** Any failure to open a door as a `DoorClosed`. */
export function doorClosed(error: unknown): DoorClosed {
  if (error instanceof DoorClosed) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'EDOOR';
  return new DoorClosed(code, text);
}

async function clearStale(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    throw new DoorClosed(
      'EDOOR_NO_SOCKET',
      `${path} is there and is no socket; remove it yourself`,
    );
  }
  if (await someoneAnswers(path)) {
    throw new DoorClosed('EDOOR_IN_USE', `another process answers at ${path}; stop it first`);
  }
  unlinkSync(path);
}

async function someoneAnswers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const end = (answers: boolean): void => {
      probe.destroy();
      resolve(answers);
    };
    // A full backlog means a busy owner, which is an owner.
    probe.setTimeout(ANSWER_WAIT_MS, () => end(true));
    probe.once('connect', () => end(true));
    probe.once('error', (error: NodeJS.ErrnoException) => end(error.code !== 'ECONNREFUSED'));
  });
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
