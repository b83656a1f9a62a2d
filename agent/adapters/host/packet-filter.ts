/**
 * Hands the agent's nftables rules to the kernel: one `nft -f -`, which makes all of them or none. The table stays when
 * the agent ends, and the next run replaces it in one transaction: no packet meets a moment without rules.
 */
import { createHash } from 'node:crypto';
import { type CommandOptions, type CommandResult, runCommand } from '../engine/engine-command.ts';

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
  readonly #table: string;
  /** Of our table as the kernel showed it after it was written; undefined before, and while it cannot be read. */
  #written: string | undefined;

  constructor(table: string, netnsPath?: string) {
    this.#table = table;
    this.#netns = netnsPath === undefined ? {} : { netnsPath };
  }

  async apply(rules: string): Promise<void> {
    const result = await runCommand(['nft', '-f', '-'], { ...this.#netns, input: rules });
    if (!result.ok) throw refusedBy(result);
    this.#written = await this.#fingerprint();
  }

  /** Rejects with `ERULES_GONE` when our table is not as it was written. */
  async check(): Promise<void> {
    if (this.#written === undefined || (await this.#fingerprint()) === this.#written) return;
    throw new RulesRefused('ERULES_GONE', 'our nftables table was removed or changed');
  }

  /** Stateless, so that counters do not count; a table that is not there has a fingerprint too. */
  async #fingerprint(): Promise<string | undefined> {
    const argv = ['nft', '--stateless', 'list', 'table', ...this.#table.split(' ')] as const;
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
