/** An agent in virtual time whose name servers and gateways are what a test makes of them. */
import { GatewayNames } from '../../../../../agent/access/names/gateway-names.ts';
import type {
  GatewayWanted,
  NameEffect,
  NameEvent,
} from '../../../../../agent/access/names/name-events.ts';
import type { KeptName } from '../../../../../agent/model/gateway-name.ts';
import { advance } from '../../../../kit/advance.ts';

export const NAME = 'gwa.ccn.example';
export const GOOD = '192.0.2.1';
export const OTHER = '192.0.2.2';
export const POISON = '198.51.100.66';
export const POISON_2 = '198.51.100.67';
export const WAN1 = '203.0.113.10';
export const DAY_MS = 86_400_000;
export const NOW_WALL_MS = 2_000_000_000_000;
export const KEPT: readonly KeptName[] = [
  { name: NAME, addresses: [{ address: GOOD, provedWallMs: NOW_WALL_MS - DAY_MS }] },
];
export const NAMED_OTHERWISE = { code: 'ETLS_NAME', text: 'the certificate names another gateway' };

type Wanted = Partial<Omit<GatewayWanted, 'type' | 'searchId'>>;

export class Scene {
  readonly core: GatewayNames;
  readonly seen: { readonly atMs: number; readonly effect: NameEffect }[] = [];
  nowMs = 0;
  #searches = 0;

  constructor(kept: readonly KeptName[] = []) {
    this.core = new GatewayNames(kept);
  }

  hear(...events: readonly NameEvent[]): this {
    for (const event of events) {
      const atMs = this.nowMs;
      this.seen.push(...this.core.handle(event, atMs).map((effect) => ({ atMs, effect })));
    }
    return this;
  }

  pass(ms: number): this {
    this.seen.push(...advance(this.core, this.nowMs, this.nowMs + ms));
    this.nowMs += ms;
    return this;
  }

  want({ sourceAddress = WAN1, ...more }: Wanted = {}): number {
    const searchId = this.#searches;
    this.#searches += 1;
    const over = sourceAddress === 'as routed' ? {} : { sourceAddress };
    this.hear({ type: 'gatewayWanted', searchId, name: NAME, hosts: [], ...over, ...more });
    return searchId;
  }

  /** Name servers answer what was asked last. */
  answer(...addresses: readonly string[]): this {
    const questionId = this.all('askQuestion').at(-1)?.questionId ?? -1;
    return this.hear({ type: 'questionAnswered', questionId, addresses });
  }

  /** Another search that is answered so at once. */
  answerOf(...addresses: readonly string[]): number {
    const searchId = this.want();
    this.answer(...addresses);
    return searchId;
  }

  deny(code: string): this {
    const questionId = this.all('askQuestion').at(-1)?.questionId ?? -1;
    return this.hear({ type: 'questionFailed', questionId, code });
  }

  accept(searchId: number): this {
    return this.hear({ type: 'addressAccepted', searchId, wallMs: NOW_WALL_MS });
  }

  refuse(searchId: number, fault = NAMED_OTHERWISE): this {
    return this.hear({ type: 'addressRefused', searchId, fault });
  }

  all<Type extends NameEffect['type']>(type: Type): Extract<NameEffect, { readonly type: Type }>[] {
    return this.seen.flatMap(({ effect }) =>
      effect.type === type ? [effect as Extract<NameEffect, { readonly type: Type }>] : [],
    );
  }

  /** Addresses in the order they were dialled, with the moment. */
  get dialled(): readonly (readonly [atMs: number, address: string])[] {
    return this.seen.flatMap(({ atMs, effect }) =>
      effect.type === 'dialAddress' ? [[atMs, effect.address] as const] : [],
    );
  }

  get addresses(): readonly string[] {
    return this.dialled.map(([, address]) => address);
  }

  get notes(): readonly string[] {
    return this.all('noted').map(({ note }) => note.code);
  }

  /** What the disk would hold now. */
  get kept(): readonly KeptName[] {
    return this.all('keepNames').at(-1)?.names ?? [];
  }
}
