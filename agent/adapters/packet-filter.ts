/**
 * Hands the agent's nftables rules to the kernel: one `nft -f -`, which makes all of them or none.
 */
import { type CommandOptions, runCommand } from './engine-command.ts';

/** The kernel or the program said no. */
export class RulesRefused extends Error {
  override readonly name = 'RulesRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export class PacketFilter {
  readonly #netns: CommandOptions;

  constructor(netnsPath?: string) {
    this.#netns = netnsPath === undefined ? {} : { netnsPath };
  }

  async apply(rules: string): Promise<void> {
    const result = await runCommand(['nft', '-f', '-'], { ...this.#netns, input: rules });
    if (result.ok) return;
    if (result.code === 'ENOENT') {
      const what = 'nft is not installed: apt-get install nftables';
      throw new RulesRefused('ERULES_MISSING', what);
    }
    throw new RulesRefused('ERULES', `nft refused the rules: ${result.complaint}`);
  }
}
