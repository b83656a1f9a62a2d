/**
 * Hands the agent's nftables rules to the kernel: one `nft -f -`, which makes all of them or none. The tables stay when
 * the agent ends, unless its tunnels go too, and the next run replaces them in one transaction: no packet meets a
 * moment without rules.
 */
import { createHash } from 'node:crypto';
import type { NetlinkSocket } from '../../../firmware-shim/adapters/native.ts';
import { type CommandOptions, type CommandResult, runCommand } from '../engine/engine-command.ts';
import { watchFilter } from './filter-watch.ts';

/** The kernel or the program said no. */
export class RulesRefused extends Error {
  override readonly name = 'RulesRefused';
  readonly code: string;
  /** The statement it did not take, from 1. */
  readonly line: number | undefined;

  constructor(code: string, message: string, line?: number) {
    super(message);
    this.code = code;
    this.line = line;
  }
}

export class PacketFilter {
  readonly #netns: CommandOptions;
  /** Family and name of each table that is ours. */
  readonly #tables: readonly string[];
  /** Of each as the kernel showed it after it was written; none before, and while it cannot be read. */
  readonly #written = new Map<string, string>();
  #watch: NetlinkSocket | undefined;

  constructor(tables: readonly string[], netnsPath?: string) {
    this.#tables = tables;
    this.#netns = netnsPath === undefined ? {} : { netnsPath };
  }

  async apply(rules: string): Promise<void> {
    const result = await runCommand(['nft', '-f', '-'], { ...this.#netns, input: rules });
    if (!result.ok) throw refusedBy(result);
    for (const table of this.#tables) {
      if (!rules.includes(` ${table}\n`)) continue;
      const fingerprint = await this.#fingerprint(table);
      if (fingerprint === undefined) this.#written.delete(table);
      else this.#written.set(table, fingerprint);
    }
  }

  /** Rejects with `ERULES_GONE` when a table of ours is not as it was written. */
  async check(): Promise<void> {
    for (const [table, written] of this.#written) {
      if ((await this.#fingerprint(table)) === written) continue;
      throw new RulesRefused('ERULES_GONE', `our nftables table ${table} was removed or changed`);
    }
  }

  /** Calls back whenever somebody, we too, has changed a table of ours. */
  watch(onTouched: () => void): void {
    const names = this.#tables.map((table) => table.split(' ').at(-1) ?? table);
    this.#watch = watchFilter(names, this.#netns.netnsPath, onTouched);
  }

  /** The tables stay unless they shall go; then no packet is judged by us any more. */
  async close(tables: 'keep' | 'remove'): Promise<void> {
    this.#watch?.close();
    if (tables === 'keep') return;
    const lines = this.#tables.flatMap((table) => [`add table ${table}`, `delete table ${table}`]);
    await runCommand(['nft', '-f', '-'], { ...this.#netns, input: `${lines.join('\n')}\n` });
  }

  /** Stateless, so that counters do not count; a table that is not there has a fingerprint too. */
  async #fingerprint(table: string): Promise<string | undefined> {
    const argv = ['nft', '--stateless', 'list', 'table', ...table.split(' ')] as const;
    const { code, stdout } = await runCommand([...argv], this.#netns);
    return code === undefined ? createHash('sha256').update(stdout).digest('hex') : undefined;
  }
}

function refusedBy({ code, complaint }: CommandResult): RulesRefused {
  if (code === 'ENOENT') {
    return new RulesRefused('ERULES_MISSING', 'nft is not installed: apt-get install nftables');
  }
  // Such as `/dev/stdin:3:17-23: Error: Could not process rule: No such file or directory`.
  const [, line] = /^\/dev\/stdin:(\d+):/.exec(complaint) ?? [];
  return new RulesRefused(
    'ERULES',
    `nft refused the rules: ${complaint}`,
    line === undefined ? undefined : Number(line),
  );
}
