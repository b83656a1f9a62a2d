/**
 * FRR's bfdd as a far end that we have not written: its own pair of daemons in one namespace, with a private
 * directory, told what to do through `vtysh`.
 *
 * bfdd needs zebra beside it. Both drop to the user `frr`, so their directory must be that user's, and `vtysh`
 * finds them by it alone: another FRR on the machine is never touched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BfdTimers } from '../../agent/model/tunnel.ts';
import { insideNetns, LabFailed, runCommand } from './command.ts';
import { waitUntil } from './wait-until.ts';

const DAEMONS = '/usr/lib/frr';
/** zebra first: bfdd looks for it once when it starts. */
const PROGRAMS = ['zebra', 'bfdd'] as const;
/** The priority of our own probe thread: a far end that is late because the machine is busy says nothing of either. */
const PUNCTUALLY = ['chrt', '--rr', '10'];
const START_MS_MAX = 15_000;
const END_MS_MAX = 3_000;

export interface FrrPeer {
  /** Theirs to send to: our address. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly deviceName: string;
  readonly timers: BfdTimers;
}

/** One row of `show bfd peers json`, as far as it is looked at. */
export interface FrrSession {
  readonly peer: string;
  readonly status: 'up' | 'down' | 'init' | 'shutdown';
  readonly diagnostic: string;
  readonly 'remote-diagnostic': string;
  readonly 'detect-multiplier': number;
  readonly 'receive-interval': number;
  readonly 'transmit-interval': number;
  readonly 'remote-detect-multiplier': number;
  readonly 'remote-receive-interval': number;
  readonly 'remote-transmit-interval': number;
}

/** Why FRR cannot be the far end here; undefined when it can. */
export function frrMissing(): string | undefined {
  const absent = PROGRAMS.find((program) => !existsSync(join(DAEMONS, program)));
  return absent === undefined ? undefined : `${absent} is not installed: apt-get install frr`;
}

export class FrrBfdd {
  readonly #directory: string;
  readonly #daemons: readonly ChildProcess[];

  private constructor(directory: string, daemons: readonly ChildProcess[]) {
    this.#directory = directory;
    this.#daemons = daemons;
  }

  static async start(netnsPath: string, peers: readonly FrrPeer[]): Promise<FrrBfdd> {
    const directory = await mkdtemp(join(tmpdir(), 'sag-frr-'));
    await chmod(directory, 0o755);
    const zebraConfig = join(directory, 'zebra.conf');
    const bfddConfig = join(directory, 'bfdd.conf');
    await writeFile(zebraConfig, '');
    await writeFile(bfddConfig, ['bfd', ...peers.flatMap(peerLines), ''].join('\n'));
    // Root may not be their user: they refuse who does not belong to the group `frrvty`.
    await runCommand(['chown', '-R', 'frr:frr', directory]);
    const daemons: ChildProcess[] = [];
    const frr = new FrrBfdd(directory, daemons);
    try {
      for (const program of PROGRAMS) {
        const argv = daemonArgv(program, directory, `${join(directory, program)}.conf`);
        const [file = '', ...words] = insideNetns([...PUNCTUALLY, ...argv], netnsPath);
        daemons.push(spawn(file, words, { stdio: 'ignore' }));
        await waitUntil(`${program} answers`, START_MS_MAX, () =>
          existsSync(join(directory, `${program}.vty`)) ? true : undefined,
        );
      }
    } catch (error) {
      await frr.close();
      throw error;
    }
    return frr;
  }

  /** Process id of bfdd itself. */
  get pid(): number {
    const pid = this.#daemons[1]?.pid;
    if (pid === undefined) throw new LabFailed('bfdd does not run');
    return pid;
  }

  /** By our address. */
  async sessions(): Promise<ReadonlyMap<string, FrrSession>> {
    const rows = JSON.parse(await this.#vtysh('show bfd peers json')) as readonly FrrSession[];
    return new Map(rows.map((row) => [row.peer, row]));
  }

  async upCount(): Promise<number> {
    return [...(await this.sessions()).values()].filter(({ status }) => status === 'up').length;
  }

  /** Lines below one peer, such as `shutdown` or `transmit-interval 100`. */
  async configure(peer: FrrPeer, ...lines: readonly string[]): Promise<void> {
    await this.#vtysh('configure terminal', 'bfd', peerLine(peer), ...lines);
  }

  /** As a machine that hangs: nothing is said any more, not even a farewell. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons.toReversed()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const ended = once(daemon, 'exit');
      daemon.kill('SIGCONT');
      daemon.kill('SIGTERM');
      const impatience = setTimeout(() => daemon.kill('SIGKILL'), END_MS_MAX);
      await ended;
      clearTimeout(impatience);
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #vtysh(...commands: readonly string[]): Promise<string> {
    const words = commands.flatMap((command) => ['-c', command]);
    return runCommand(['vtysh', '--vty_socket', this.#directory, '-d', 'bfdd', ...words]);
  }
}

function daemonArgv(program: string, directory: string, configPath: string): readonly string[] {
  const own = ['-i', join(directory, `${program}.pid`), '-f', configPath];
  const shared = ['-z', join(directory, 'zserv.api'), '--vty_socket', directory, '-P', '0'];
  return [join(DAEMONS, program), '-u', 'frr', '-g', 'frr', ...shared, ...own];
}

function peerLine({ remoteAddress, localAddress, deviceName }: FrrPeer): string {
  return `peer ${remoteAddress} local-address ${localAddress} interface ${deviceName}`;
}

function peerLines(peer: FrrPeer): readonly string[] {
  const { desiredMinTxMs, requiredMinRxMs, detectMult } = peer.timers;
  return [
    ` ${peerLine(peer)}`,
    `  detect-multiplier ${detectMult}`,
    `  receive-interval ${requiredMinRxMs}`,
    `  transmit-interval ${desiredMinTxMs}`,
    '  no shutdown',
    ' exit',
  ];
}
