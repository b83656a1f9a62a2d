/**
 * Finds out how this machine lets the lab shut itself in: its own network, mounts and, where possible,
 * processes, without touching anything outside.
 *
 * A user namespace needs no root; root does without one. A process namespace makes everything die with its first process, also
 * after SIGKILL. Each form is tried by doing it once, never guessed from version numbers.
 */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LabFailed, runCommand } from './command.ts';

export type Enclosure =
  | {
      readonly possible: true;
      /** Put before a program to run it enclosed. */
      readonly argv: readonly string[];
      readonly how: 'user-namespace' | 'root';
      /** Whether the kernel ends everything inside when the enclosure ends. */
      readonly processNamespace: boolean;
    }
  | { readonly possible: false; readonly why: string };

/** What the lab runs, and the Debian package that brings it. */
const TOOLS: readonly (readonly [tool: string, aptPackage: string])[] = [
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['ping', 'iputils-ping'],
  ['wg', 'wireguard-tools'],
];
const TUN_PATH = '/dev/net/tun';
/** The kernel ends `unshare` with the program that started it, and `unshare` takes what is inside along. */
const BOUND = ['setpriv', '--pdeathsig', 'KILL', '--'];
const PROCESS_NAMESPACE = ['--pid', '--fork', '--kill-child', '--mount-proc'];

export async function findEnclosure(): Promise<Enclosure> {
  const missing = await missingTools();
  if (missing.length > 0) return { possible: false, why: `missing: ${missing.join(', ')}` };
  const refusals: string[] = [];
  for (const candidate of candidates()) {
    const refusal = await tryOnce(candidate.argv);
    if (refusal === undefined) return { possible: true, ...candidate };
    refusals.push(`${candidate.how}: ${refusal}`);
  }
  return { possible: false, why: [...new Set(refusals)].join('; ') };
}

function candidates(): {
  argv: string[];
  how: 'user-namespace' | 'root';
  processNamespace: boolean;
}[] {
  const forms: ['user-namespace' | 'root', string[]][] = [['user-namespace', ['-Urnm']]];
  // Real root may give the fast path its real-time priority, as the appliance does; a mapped one may not.
  if (process.getuid?.() === 0) forms.unshift(['root', ['-nm']]);
  return forms.flatMap(([how, flags]) => [
    {
      how,
      processNamespace: true,
      argv: [...BOUND, 'unshare', ...flags, ...PROCESS_NAMESPACE, '--'],
    },
    { how, processNamespace: false, argv: ['unshare', ...flags, '--'] },
  ]);
}

/** The reason it does not work, or nothing. */
async function tryOnce(argv: readonly string[]): Promise<string | undefined> {
  try {
    await runCommand([...argv, 'mount', '-t', 'tmpfs', 'none', '/run']);
    return undefined;
  } catch (error) {
    if (!(error instanceof LabFailed)) throw error;
    return error.message.slice(error.message.indexOf('/run: ') + '/run: '.length).trim();
  }
}

async function missingTools(): Promise<string[]> {
  const missing: string[] = [];
  for (const [tool, aptPackage] of TOOLS)
    if (!(await onPath(tool))) missing.push(`${tool} (apt: ${aptPackage})`);
  if (!(await usable('/sys/module/wireguard'))) {
    if (!(await onPath('wireguard-go'))) missing.push('wireguard-go (apt: wireguard-go)');
    if (!(await usable(TUN_PATH))) missing.push(TUN_PATH);
  }
  return missing;
}

async function onPath(tool: string): Promise<boolean> {
  for (const directory of searchPath())
    if (await usable(join(directory, tool), constants.X_OK)) return true;
  return false;
}

/** Debian keeps `ip` and `nft` in sbin, which an ordinary user's PATH leaves out. */
export function searchPath(): readonly string[] {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => part !== '');
  return [...new Set([...path, '/usr/sbin', '/sbin'])];
}

async function usable(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
