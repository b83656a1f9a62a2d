/**
 * Collects what a bundle is made of: the agent's words where it answers, its files, and texts of the kernel.
 *
 * Every program is fixed, bounded and may fail: its part then says so. Keys of security associations are never asked for.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  type BundlePart,
  checkParts,
  knownWords,
  snapshotParts,
} from '../../diag/bundle/bundle-parts.ts';
import type { CheckReport } from '../../diag/check/check-report.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { AgentSnapshot } from '../../model/snapshot.ts';
import { runBounded } from '../bounded-program.ts';
import { readStored } from '../check/check-state.ts';
import type { Bundle } from './bundle-file.ts';

export interface BundleSources {
  readonly configFile: string;
  readonly config: AgentConfig | undefined;
  /** Undefined when the agent does not answer. */
  readonly snapshot: AgentSnapshot | undefined;
  readonly report: CheckReport;
}

type Argv = readonly [string, ...string[]];

const PROGRAM_MS_MAX = 3_000;
const PROGRAM_BYTES_MAX = 4 * 1024 * 1024;
const PROGRAMS: readonly (readonly [name: string, argv: Argv])[] = [
  ['kernel/links.txt', ['ip', '-s', '-d', 'link']],
  ['kernel/addresses.txt', ['ip', 'address']],
  ['kernel/routes.txt', ['ip', 'route', 'show', 'table', 'all']],
  ['kernel/rules.txt', ['ip', 'rule']],
  ['kernel/nexthops.txt', ['ip', 'nexthop']],
  ['kernel/neighbours.txt', ['ip', 'neighbour']],
  ['kernel/xfrm-policies.txt', ['ip', 'xfrm', 'policy']],
  ['kernel/sockets.txt', ['ss', '-tuan']],
  ['kernel/wireguard.txt', ['wg', 'show', 'all']],
  ['host/journal.txt', ['journalctl', '-u', 'sag-agent', '-o', 'cat', '-n', '20000', '--no-pager']],
  ['host/clock.txt', ['timedatectl', 'status']],
  ['host/disk.txt', ['df', '-k']],
];
const FILES: readonly (readonly [name: string, file: string])[] = [
  ['host/meminfo.txt', '/proc/meminfo'],
  ['host/loadavg.txt', '/proc/loadavg'],
  ['host/uptime.txt', '/proc/uptime'],
  ['host/version.txt', '/proc/version'],
  ['host/resolv.conf', '/etc/resolv.conf'],
  ['kernel/devices.txt', '/proc/self/net/dev'],
  ['kernel/snmp.txt', '/proc/self/net/snmp'],
];

export async function collectBundle(sources: BundleSources): Promise<Bundle> {
  const { config, configFile, snapshot, report } = sources;
  const stored = config && readStored(config);
  const programs = await Promise.all(
    PROGRAMS.map(async ([name, argv]) => ({ name, text: await textOf(argv) })),
  );
  const parts: readonly BundlePart[] = [
    ...checkParts(report),
    ...(snapshot === undefined ? [] : snapshotParts(snapshot)),
    { name: 'configuration.yaml', text: fileText(configFile) },
    ...(stored === undefined
      ? []
      : [{ name: 'stored.json', text: `${JSON.stringify(stored, null, 1)}\n` }]),
    ...programs,
    ...FILES.map(([name, file]) => ({ name, text: fileText(file) })),
  ];
  return { wallMs: Date.now(), parts, known: knownWords(config, snapshot, hostname()) };
}

async function textOf(argv: Argv): Promise<string> {
  const end = await runBounded(argv, { msMax: PROGRAM_MS_MAX, bytesMax: PROGRAM_BYTES_MAX });
  if (end.missing) return `${argv[0]} is not installed\n`;
  const ended = end.cut ? '(cut)' : `(exit code ${end.exitCode ?? 'none'})`;
  return `$ ${argv.join(' ')}\n${end.output.toString('utf8')}\n${ended}\n`;
}

function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return `${file} could not be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})\n`;
  }
}
