/**
 * Counts at the hub what arrives over the uplinks: what an onlooker could read, and what an engine has sealed.
 */
import type { GuestEnd } from './guest-end.ts';

const CHAIN = ['type', 'filter', 'hook', 'prerouting', 'priority', '-500', ';'];

export class WireMeter {
  readonly #hub: GuestEnd;

  private constructor(hub: GuestEnd) {
    this.#hub = hub;
  }

  /** `sealed` is an nft match for the packets of the engine. */
  static async start(hub: GuestEnd, sealed: readonly string[]): Promise<WireMeter> {
    const nft = async (...words: readonly string[]): Promise<string> => hub.run('nft', ...words);
    await nft('add', 'table', 'inet', 'wire');
    await nft('add', 'chain', 'inet', 'wire', 'in', '{', ...CHAIN, '}');
    for (const match of [['udp', 'dport', '7007'], sealed]) {
      const rule = ['iifname', 'wan*', ...match, 'counter'];
      await nft('add', 'rule', 'inet', 'wire', 'in', ...rule);
    }
    return new WireMeter(hub);
  }

  async read(): Promise<{ readonly readable: number; readonly sealed: number }> {
    const text = await this.#hub.run('nft', 'list', 'chain', 'inet', 'wire', 'in');
    const [readable, sealed] = [...text.matchAll(/counter packets (\d+)/g)].map((match) =>
      Number(match[1]),
    );
    return { readable: readable ?? Number.NaN, sealed: sealed ?? Number.NaN };
  }
}
