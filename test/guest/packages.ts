/**
 * Debian's packages, fetched and unpacked into a folder of ours and installed nowhere: the stock kernel, QEMU, and what
 * the guest runs and this machine lacks.
 *
 * The folder is kept and used again until apt would choose other versions.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Why the guest cannot be run on this machine. */
export class PartsMissing extends Error {
  override readonly name = 'PartsMissing';
}

const KERNEL = 'linux-image-cloud-amd64';
const PROGRAMS = [
  // on the host
  'qemu-system-x86',
  'kmod',
  // in the guest
  'busybox-static',
  'coreutils',
  'iproute2',
  'nftables',
  'systemd',
  'util-linux',
  'wireguard-tools',
  'charon-systemd',
  'strongswan-swanctl',
  'libstrongswan-standard-plugins',
  'libstrongswan-extra-plugins',
  'libcharon-extra-plugins',
];
const HOME = resolve('out/guest');
/** 43 MB; a mirror that gives less than 100 kB a second is as good as none. */
const DOWNLOAD_MS_MAX = 420_000;
const APT_MS_MAX = 60_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

const execute = promisify(execFile);

export class Packages {
  readonly #root: string;
  /** Such as `6.1.0-56-cloud-amd64`. */
  readonly kernelRelease: string;

  private constructor(root: string, kernelRelease: string) {
    this.#root = root;
    this.kernelRelease = kernelRelease;
  }

  /** Throws `PartsMissing` with a reason when they cannot be had, or are not here and shall not be fetched. */
  static async fetch(mayFetch: boolean): Promise<Packages> {
    const wanted = await withLists(wantedPackages);
    const key = createHash('sha256').update(wanted.join('\n')).digest('hex').slice(0, 16);
    const root = join(HOME, `root-${key}`);
    if (!existsSync(root)) {
      if (!mayFetch) throw new PartsMissing(`43 MB are not here yet: make test-guest fetches them`);
      await unpackInto(root, wanted);
    }
    const [kernelRelease] = await readdir(join(root, 'lib/modules'));
    if (kernelRelease === undefined) throw new PartsMissing(`${root} holds no kernel`);
    return new Packages(root, kernelRelease);
  }

  /** Where what a package has at `path` really is: unpacked by us or installed on this machine. */
  locate(path: string): string | undefined {
    const usual = path.replace(/^\/usr\/(?=(?:s?bin|lib)\/)/, '/');
    const candidates = [path, usual, `/usr${path}`].flatMap((each) => [this.#root + each, each]);
    return candidates.find((each) => existsSync(each));
  }

  /** Like `locate`, for what every run needs. */
  need(path: string): string {
    const found = this.locate(path);
    if (found === undefined) throw new PartsMissing(`no package brought ${path}`);
    return found;
  }

  /** The path in the guest of what `locate` found. */
  guestPath(found: string): string {
    return found.startsWith(`${this.#root}/`) ? found.slice(this.#root.length) : found;
  }

  /** Runs a program with the libraries of the unpacked packages. */
  environment(): NodeJS.ProcessEnv {
    const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'];
    const folders = libraries.flatMap((each) => [each, `${each}/systemd`]);
    return {
      ...process.env,
      LD_LIBRARY_PATH: folders.map((each) => join(this.#root, each)).join(':'),
    };
  }
}

async function apt(program: 'apt-get' | 'apt-cache', words: readonly string[]): Promise<string> {
  const limits = { timeout: APT_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX };
  const env = { ...process.env, LC_ALL: 'C' };
  return (await execute(program, words, { ...limits, env })).stdout;
}

/** A machine whose package lists are empty is asked to fetch them once, where it may. */
async function withLists(look: () => Promise<string[]>): Promise<string[]> {
  try {
    return await look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new PartsMissing('the packages come by apt and this machine has none');
    }
  }
  try {
    await apt('apt-get', ['-qq', 'update']);
    return await look();
  } catch (error) {
    throw new PartsMissing(`apt does not know the packages: ${String(error).slice(0, 300)}`);
  }
}

/** `name=version` of the kernel image and of all that is not installed here. */
async function wantedPackages(): Promise<string[]> {
  const words = ['-s', 'install', '--no-install-recommends', ...PROGRAMS];
  const simulated = await apt('apt-get', words);
  const missing = [...simulated.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm)].map(
    ([, name, version]) => `${name}=${version}`,
  );
  const depends = await apt('apt-cache', ['depends', KERNEL]);
  const image = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (image === undefined) throw new Error(`${KERNEL} depends on no image`);
  const policy = await apt('apt-cache', ['policy', image]);
  const version = /Candidate: (\S+)/.exec(policy)?.[1];
  return [`${image}=${version}`, ...missing];
}

async function unpackInto(root: string, wanted: readonly string[]): Promise<void> {
  const fresh = `${root}.${process.pid}`;
  const archives = join(fresh, 'archives');
  await rm(HOME, { recursive: true, force: true });
  await mkdir(archives, { recursive: true });
  try {
    const limits = { cwd: archives, timeout: DOWNLOAD_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX };
    await execute('apt-get', ['-qq', 'download', ...wanted], limits);
    for (const archive of await readdir(archives)) {
      await execute('dpkg', ['-x', join(archives, archive), fresh]);
    }
    await rm(archives, { recursive: true });
    await writeFile(join(fresh, 'packages.txt'), `${wanted.join('\n')}\n`);
    await rename(fresh, root);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw new PartsMissing(`the packages cannot be fetched: ${String(error).slice(0, 300)}`);
  }
}
