/**
 * Gives out addresses on the LAN by one dnsmasq, told everything by its arguments: it reads no file of the machine's and
 * answers no DNS. It goes on while the agent is away; the next run ends it and starts its own, with the same leases.
 * Where the agent takes all it has made along, it ends with it.
 */
import { readFile, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DhcpServer } from '../../model/lan.ts';
import { EngineDaemon } from '../engine/engine-daemon.ts';

/** It could not be started, or ended at once. */
export class DhcpRefused extends Error {
  override readonly name = 'DhcpRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** It writes its pid once its sockets are open, within milliseconds. */
const READY_MS_MAX = 3_000;
/** One that is told to end does within milliseconds; it is waited for so many times so long. */
const GONE_LOOKS_MAX = 50;
const GONE_LOOK_MS = 20;
/** No locale that changes its words, and nothing of ours. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } as const;

export interface DhcpDaemonOptions {
  /** Holds the leases and the pid. */
  readonly directory: string;
  readonly netnsPath?: string;
}

export class DhcpDaemon {
  readonly #options: DhcpDaemonOptions;
  readonly #pidFile: string;
  #daemon: EngineDaemon | undefined;
  #onEnded: (why: string) => void = () => undefined;

  constructor(options: DhcpDaemonOptions) {
    this.#options = options;
    this.#pidFile = join(options.directory, 'dhcp.pid');
  }

  /** Hears when it ends without having been told to. */
  onEnded(hear: (why: string) => void): void {
    this.#onEnded = hear;
  }

  /** Ends what a former run has left giving out addresses. */
  async endFormer(): Promise<void> {
    const pid = await this.#writtenPid();
    if (pid === undefined) return;
    await rm(this.#pidFile, { force: true });
    // The number may be somebody else's by now: only a program that was told this file is ours.
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!words.split('\0').includes(this.#pidArgument)) return;
    try {
      process.kill(pid, 'SIGTERM');
      // Its port must be free, and its last act is to take the file with its number away.
      for (let at = 0; at < GONE_LOOKS_MAX; at += 1) {
        await sleep(GONE_LOOK_MS);
        process.kill(pid, 0);
      }
    } catch {
      // It is gone.
    }
  }

  /** From now on exactly these; rejects when the daemon did not come up. */
  async serve(servers: readonly DhcpServer[]): Promise<void> {
    await this.#daemon?.stop();
    this.#daemon = undefined;
    await this.endFormer();
    if (servers.length === 0) return;
    const { netnsPath } = this.#options;
    const start = { argv: this.#argv(servers), netnsPath, env: ENVIRONMENT } as const;
    const daemon = EngineDaemon.start(start, (why) => {
      if (this.#daemon !== daemon) return;
      this.#daemon = undefined;
      this.#onEnded(why);
    });
    try {
      await daemon.ready(async () => (await this.#writtenPid()) === daemon.pid, READY_MS_MAX);
    } catch (error) {
      const why = daemon.ended;
      await daemon.stop();
      throw refusedBy(why, error);
    }
    this.#daemon = daemon;
  }

  async close(tunnels: 'keep' | 'remove'): Promise<void> {
    if (tunnels === 'remove') await this.serve([]);
  }

  get #pidArgument(): string {
    return `--pid-file=${this.#pidFile}`;
  }

  async #writtenPid(): Promise<number | undefined> {
    const text = await readFile(this.#pidFile, 'utf8').catch(() => '');
    return /^[1-9][0-9]*\s*$/.test(text) ? Number(text) : undefined;
  }

  #argv(servers: readonly DhcpServer[]): readonly [string, ...string[]] {
    return [
      'dnsmasq',
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--no-ping',
      '--bind-dynamic',
      '--dhcp-authoritative',
      this.#pidArgument,
      `--dhcp-leasefile=${join(this.#options.directory, 'dhcp.leases')}`,
      // It stays who the agent is: on an appliance without any rights but the agent's.
      `--user=${userInfo().username}`,
      ...servers.flatMap(rangeArguments),
    ];
  }
}

function rangeArguments(server: DhcpServer): readonly string[] {
  const { deviceName, from, to, prefixLength, leaseMinutes, nameServers = [] } = server;
  const range = `set:${deviceName},${from},${to},${maskOf(prefixLength)},${leaseMinutes}m`;
  return [
    `--interface=${deviceName}`,
    `--dhcp-range=${range}`,
    ...(nameServers.length === 0
      ? []
      : [`--dhcp-option=tag:${deviceName},option:dns-server,${nameServers.join(',')}`]),
  ];
}

function maskOf(length: number): string {
  const bits = (0xffff_ffff << (32 - length)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

function refusedBy(why: string | undefined, error: unknown): DhcpRefused {
  if (why === 'ENOENT') {
    return new DhcpRefused(
      'EDHCP_MISSING',
      'dnsmasq is not installed: apt-get install dnsmasq-base',
    );
  }
  return new DhcpRefused('EDHCP', why ?? (error instanceof Error ? error.message : String(error)));
}
