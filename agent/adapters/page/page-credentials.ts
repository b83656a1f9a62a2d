/**
 * The passwords of the page, as scrypt digests in one sealed file of the state directory.
 *
 * There is none by default: until the first one is set the page offers nothing else. A damaged file opens nothing
 * either: then the RESET button decides. A wrong password, an absent one and an unknown role cost the same work.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { PageRole } from '../../diag/page-access/page-sessions.ts';
import { type Kept, keeping } from '../../durable/keep.ts';
import { forgetSealed, keepSealed, readSealed } from '../../durable/sealed-file.ts';
import { type Files, FilesRefused } from '../../ports.ts';

interface Digest {
  readonly salt: string;
  readonly digest: string;
}
type Digests = Partial<Readonly<Record<PageRole, Digest>>>;

export type PasswordAnswer = 'right' | 'wrong' | 'busy';

const FILE = 'page-passwords';
const DAMAGED = `${FILE}.damaged`;
/** 32 MiB and about a tenth of a second on a branch box: RFC 7914 section 2, with the cost of today. */
const COST: ScryptOptions = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const DIGEST_BYTES = 32;
const SALT_BYTES = 16;
/** One at a time leaves a core to the agent; who comes when so many wait is asked to come again. */
const WAITING_MAX = 8;

export class PageCredentials {
  readonly #files: Files;
  #digests: Digests;
  #isDamaged: boolean;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(files: Files) {
    this.#files = files;
    const { content, quarantined } = readSealed(files, FILE);
    const digests = content === undefined ? undefined : digestsOf(content);
    this.#digests = digests ?? {};
    const wasThere = content !== undefined || quarantined !== undefined || hasDamaged(files);
    this.#isDamaged = digests === undefined && wasThere;
  }

  /** False until the first password is set, and after the button has asked for a new one. */
  get isSet(): boolean {
    return this.#isDamaged || this.#digests.admin !== undefined;
  }

  async verify(role: PageRole, password: string): Promise<PasswordAnswer> {
    const known = this.#digests[role] ?? NOBODY;
    const digest = await this.#derive(password, Buffer.from(known.salt, 'base64'));
    if (digest === 'busy') return 'busy';
    const isRight = timingSafeEqual(digest, Buffer.from(known.digest, 'base64'));
    // The record may have gone while the work was done.
    return isRight && this.#digests[role] === known ? 'right' : 'wrong';
  }

  /** `isFirst` asks that nobody else has set one meanwhile. */
  async set(
    role: PageRole,
    password: string,
    isFirst: boolean,
  ): Promise<'set' | 'late' | 'busy' | 'unkept'> {
    const salt = randomBytes(SALT_BYTES);
    const digest = await this.#derive(password, salt);
    if (digest === 'busy') return 'busy';
    if (isFirst === this.isSet) return 'late';
    const digests = {
      ...this.#digests,
      [role]: { salt: salt.toString('base64'), digest: digest.toString('base64') },
    };
    const kept = keepSealed(this.#files, FILE, Buffer.from(JSON.stringify({ v: 1, digests })));
    if (!kept.ok) return 'unkept';
    this.#digests = digests;
    return 'set';
  }

  /** Opens the first logon again, also where the disk refuses: the next start asks the disk once more. */
  forget(): Kept {
    this.#digests = {};
    this.#isDamaged = false;
    const removed = keeping(() => this.#files.remove(DAMAGED));
    const forgotten = forgetSealed(this.#files, FILE);
    return removed.ok ? forgotten : removed;
  }

  async #derive(password: string, salt: Buffer): Promise<Buffer | 'busy'> {
    if (this.#waiting >= WAITING_MAX) return 'busy';
    this.#waiting += 1;
    const derived = this.#last.then(async () => scryptOf(password, salt));
    this.#last = derived;
    try {
      return await derived;
    } finally {
      this.#waiting -= 1;
    }
  }
}

/** Stands in for a role without a password. */
const NOBODY: Digest = {
  salt: randomBytes(SALT_BYTES).toString('base64'),
  digest: randomBytes(DIGEST_BYTES).toString('base64'),
};

async function scryptOf(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, DIGEST_BYTES, COST, (error, digest) =>
      error === null ? resolve(digest) : reject(error),
    );
  });
}

function hasDamaged(files: Files): boolean {
  try {
    return files.read(DAMAGED) !== undefined;
  } catch (error) {
    if (!(error instanceof FilesRefused)) throw error;
    return true;
  }
}

/** Sealed by us, so of our shape; anything else counts as damaged. */
function digestsOf(content: Uint8Array): Digests | undefined {
  try {
    const { v, digests } = JSON.parse(Buffer.from(content).toString('utf8')) as {
      readonly v?: unknown;
      readonly digests?: Digests;
    };
    return v === 1 && digests?.admin !== undefined ? digests : undefined;
  } catch {
    return undefined;
  }
}
