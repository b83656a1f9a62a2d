/**
 * Runs the programs that get addresses for uplinks: udhcpc and pppd, each only where it is on this box.
 *
 * They decide nothing and set nothing but a PPP device: what they were given becomes an event, and whether it is put in
 * force is decided where all else is.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../../firmware-shim/base/random.ts';
import type { WanClient } from '../../model/wan.ts';
import { readLeaseWords } from '../../state/wan/lease-words.ts';
import { PppWords, pppOptions } from '../../state/wan/ppp-words.ts';
import type { WanTold } from '../../state/wan/wan-events.ts';
import { isOnThisBox, WanProgram } from './wan-program.ts';

export interface WanClientsOptions {
  readonly stateDirectory: string;
  readonly lanPrefixes: readonly string[];
  readonly random: Random;
  /** Of the uplinks; absent: our own. */
  readonly netnsPath?: string;
  readonly onTold: (uplink: string, told: WanTold) => void;
  /** Learns of the name servers that were set or given. */
  readonly names: { use(servers: readonly string[]): void };
}

const LEASE_WORDS = fileURLToPath(new URL('lease-words.sh', import.meta.url));
const DIRECTORY = 'wan';
/** Three questions, two seconds apart, then a rest: a cable that is put in is served within seconds. */
const ASKS = ['-t', '3', '-T', '2', '-A', '5'] as const;

interface Running {
  readonly order: string;
  readonly program: WanProgram | undefined;
}

export class WanClients {
  readonly #options: WanClientsOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: WanClientsOptions) {
    this.#options = options;
  }

  /** All that shall run from now on; what runs as it should goes on. */
  order(clients: readonly WanClient[], nameServers: readonly string[]): void {
    this.#options.names.use(nameServers);
    for (const [uplink, { order, program }] of this.#running) {
      if (clients.some((client) => JSON.stringify(client) === order)) continue;
      this.#running.delete(uplink);
      void program?.stop().then(() => this.#forget(uplink));
    }
    for (const client of clients) {
      if (this.#running.has(client.uplink)) continue;
      const program = client.ipType === 'DHCP' ? this.#dhcp(client) : this.#pppoe(client);
      this.#running.set(client.uplink, { order: JSON.stringify(client), program });
    }
  }

  async close(): Promise<void> {
    const all = [...this.#running.values()];
    this.#running.clear();
    await Promise.all(all.map(async ({ program }) => program?.stop()));
  }

  #dhcp({ uplink, deviceName }: WanClient): WanProgram | undefined {
    const { lanPrefixes } = this.#options;
    if (!isOnThisBox('udhcpc')) return this.#missing(uplink, 'udhcpc is not on this box');
    return this.#run(
      uplink,
      ['udhcpc', '-f', '-i', deviceName, '-s', LEASE_WORDS, ...ASKS],
      (line) => readLeaseWords(line, lanPrefixes),
    );
  }

  #pppoe(client: Extract<WanClient, { readonly ipType: 'PPPOE' }>): WanProgram | undefined {
    const { uplink } = client;
    if (!isOnThisBox('pppd')) return this.#missing(uplink, 'pppd is not on this box');
    if (!existsSync('/dev/ppp')) return this.#missing(uplink, 'the kernel of this box has no PPP');
    if (process.geteuid?.() !== 0) {
      return this.#missing(uplink, 'pppd needs an agent that runs as root');
    }
    const file = this.#optionsFile(uplink);
    mkdirSync(join(this.#options.stateDirectory, DIRECTORY), { recursive: true, mode: 0o700 });
    rmSync(file, { force: true });
    writeFileSync(file, pppOptions(client), { mode: 0o600, flag: 'wx' });
    const words = new PppWords();
    return this.#run(uplink, ['pppd', 'file', file], (line) => words.read(line));
  }

  #run(
    uplink: string,
    argv: readonly [string, ...string[]],
    read: (line: string) => WanTold | undefined,
  ): WanProgram {
    const { netnsPath, random, onTold } = this.#options;
    return new WanProgram({
      argv,
      netnsPath,
      random,
      onLine: (line) => {
        const told = read(line);
        if (told !== undefined) onTold(uplink, told);
      },
      onEnded: () => onTold(uplink, { is: 'trouble', because: `${argv[0]} ended; it starts anew` }),
    });
  }

  #missing(uplink: string, because: string): undefined {
    this.#options.onTold(uplink, { is: 'trouble', because });
  }

  #forget(uplink: string): void {
    if (!this.#running.has(uplink)) rmSync(this.#optionsFile(uplink), { force: true });
  }

  #optionsFile(uplink: string): string {
    return join(this.#options.stateDirectory, DIRECTORY, `${uplink}.ppp`);
  }
}
