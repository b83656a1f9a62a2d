/**
 * The guest's file system: Node, this project's sources, the programs with their libraries, the modules of the
 * stock kernel; one archive that the kernel unpacks into memory.
 */
import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Entry, writeCpio } from './cpio.ts';
import { GUEST_PKI, type GuestPki } from './guest-line.ts';
import type { Packages } from './packages.ts';

/** In the order in which the guest's `ip netns exec`, engines and faults want them. */
const PROGRAMS = [
  '/usr/bin/nsenter',
  '/usr/bin/tee',
  '/usr/bin/wg',
  '/usr/sbin/charon-systemd',
  '/usr/sbin/ip',
  '/usr/sbin/nft',
  '/usr/sbin/swanctl',
];
/** For the second boot: what starts the machine anew, and the units Debian has for that. */
const SYSTEMD_PROGRAMS = [
  '/usr/bin/rm',
  '/usr/bin/systemctl',
  '/usr/lib/systemd/systemd',
  '/usr/lib/systemd/systemd-shutdown',
];
const SYSTEMD_UNITS = [
  'basic.target',
  'final.target',
  'paths.target',
  'reboot.target',
  'shutdown.target',
  'sysinit.target',
  'systemd-reboot.service',
  'umount.target',
];
const OUR_UNITS = '/etc/systemd/system';
const AGENT_USER = 'sag-agent:x:990:990:';
/** Loaded by path at run time, so no program names them. */
const LOADED_FOLDERS = ['/usr/lib/ipsec/plugins'];
const SETTINGS_FOLDERS = ['/etc/strongswan.d', '/etc/swanctl'];
const MODULE_FOLDERS = [
  'arch/x86/crypto',
  'crypto',
  'drivers/net/dummy.ko',
  'drivers/net/tun.ko',
  'drivers/net/veth.ko',
  'drivers/net/wireguard',
  'lib',
  'net/core',
  'net/ipv4',
  'net/ipv6',
  'net/key',
  'net/netfilter',
  'net/xfrm',
];
const SOURCE_FOLDERS = ['agent', 'firmware-shim', 'test/kit', 'test/guest'];
const PROJECT = '/project';
const FOREIGN_SUFFIX = /\.(?:c|h|o|d|test\.ts|css|html)$/;
/** Merged /usr, as Debian has it. */
const MERGED = ['bin', 'lib', 'lib64', 'sbin'];

const execute = promisify(execFile);

export interface Image {
  readonly kernel: string;
  readonly archive: string;
}

export async function buildImage(
  packages: Packages,
  folder: string,
  pki: GuestPki,
): Promise<Image> {
  await mkdir(folder, { recursive: true });
  const tree = new GuestTree(packages);
  for (const name of MERGED) tree.link(`/${name}`, `usr/${name}`);
  for (const name of ['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'etc']) tree.folder(`/${name}`);
  tree.link('/var/run', '/run');
  tree.file('/etc/passwd', Buffer.from(`root:x:0:0::/root:/bin/sh\n${AGENT_USER}:/:/bin/sh\n`));
  tree.file('/etc/group', Buffer.from('root:x:0:\nsag-agent:x:990:\n'));
  tree.file('/init', resolve('test/guest/init.sh'), true);
  tree.file('/usr/bin/busybox', packages.need('/bin/busybox'), true);
  tree.link('/usr/bin/sh', 'busybox');
  tree.file('/usr/bin/kmod', packages.need('/bin/kmod'), true);
  tree.link('/usr/sbin/modprobe', '../bin/kmod');
  tree.file('/usr/bin/node', process.execPath, true);
  for (const program of PROGRAMS) tree.file(program, packages.need(program), true);
  for (const program of SYSTEMD_PROGRAMS) tree.file(program, packages.need(program), true);
  for (const unit of SYSTEMD_UNITS) {
    const path = `/usr/lib/systemd/system/${unit}`;
    tree.file(path, packages.need(path));
  }
  tree.copy(resolve('test/guest/units'), OUR_UNITS);
  for (const unit of ['sag-agent-reboot.path', 'sag-agent-reboot.service']) {
    tree.file(`${OUR_UNITS}/${unit}`, resolve('deploy', unit));
  }
  for (const each of LOADED_FOLDERS) tree.copy(packages.need(each), each);
  for (const each of SETTINGS_FOLDERS) tree.copy(packages.need(each), each);
  tree.file('/etc/strongswan.conf', packages.need('/etc/strongswan.conf'));
  for (const each of SOURCE_FOLDERS) tree.copySources(resolve(each), `${PROJECT}/${each}`);
  tree.file(`${PROJECT}/package.json`, resolve('package.json'));
  tree.file(GUEST_PKI, Buffer.from(JSON.stringify(pki)));
  await tree.addLibraries();
  tree.copy(await modulesOf(packages, join(folder, 'modules')), '/usr/lib/modules');
  const archive = join(folder, 'guest.cpio');
  writeCpio(archive, tree.entries);
  return { kernel: packages.need(`/boot/vmlinuz-${packages.kernelRelease}`), archive };
}

class GuestTree {
  readonly entries = new Map<string, Entry>();
  readonly #packages: Packages;

  constructor(packages: Packages) {
    this.#packages = packages;
  }

  folder(path: string): void {
    this.entries.set(path, { kind: 'folder' });
  }

  link(path: string, target: string): void {
    this.entries.set(path, { kind: 'link', target });
  }

  file(path: string, from: string | Uint8Array, executable = false): void {
    this.entries.set(path, { kind: 'file', from, executable });
  }

  copy(from: string, path: string): void {
    for (const name of readdirSync(from)) {
      const source = join(from, name);
      const target = join(path, name);
      const seen = lstatSync(source);
      if (seen.isDirectory()) this.copy(source, target);
      else if (seen.isSymbolicLink()) this.link(target, readlinkSync(source));
      else if (seen.isFile() && !FOREIGN_SUFFIX.test(name)) this.file(target, source);
    }
  }

  /** Sources lose their types here, where it is quick; see `inside/stripped-sources.js`. */
  copySources(from: string, path: string): void {
    this.copy(from, path);
    for (const [target, entry] of this.entries) {
      if (entry.kind !== 'file' || typeof entry.from !== 'string') continue;
      if (!target.startsWith(path) || !target.endsWith('.ts')) continue;
      const stripped = stripTypeScriptTypes(readFileSync(entry.from, 'utf8'));
      this.file(target, Buffer.from(stripped));
    }
  }

  /** What the dynamic loader will look for on behalf of every program and library so far, as ldd(1) sees it. */
  async addLibraries(): Promise<void> {
    const binaries = [...this.entries].flatMap(([path, entry]) =>
      entry.kind === 'file' &&
      typeof entry.from === 'string' &&
      /\/s?bin\/|\.so|\/systemd\/systemd/.test(path)
        ? [entry.from]
        : [],
    );
    const env = this.#packages.environment();
    // It fails for the one that is static and tells of all the others all the same.
    const listed = await execute('ldd', binaries, { env }).catch((error: { stdout?: string }) => ({
      stdout: error.stdout ?? '',
    }));
    for (const [, found = ''] of listed.stdout.matchAll(/(?:=> |^\s)(\/\S+) \(0x/gm)) {
      const path = this.#packages.guestPath(found).replace(/^\/(lib|lib64)\//, '/usr/$1/');
      this.file(path, found, true);
    }
  }
}

/** A folder with the modules the guest may ask for and the tables by which it finds them. */
async function modulesOf(packages: Packages, folder: string): Promise<string> {
  const release = packages.kernelRelease;
  const from = packages.need(`/lib/modules/${release}`);
  await rm(folder, { recursive: true, force: true });
  const to = join(folder, 'lib/modules', release);
  for (const each of MODULE_FOLDERS) {
    const source = join(from, 'kernel', each);
    if (!existsSync(source)) continue;
    await mkdir(dirname(join(to, 'kernel', each)), { recursive: true });
    await cp(source, join(to, 'kernel', each), { recursive: true });
  }
  for (const name of readdirSync(from)) {
    if (statSync(join(from, name)).isFile()) await cp(join(from, name), join(to, basename(name)));
  }
  // One program of many names: it is told by which it was called.
  const depmod = join(folder, 'depmod');
  await symlink(packages.need('/bin/kmod'), depmod);
  await execute(depmod, ['-b', folder, release]);
  return dirname(to);
}
