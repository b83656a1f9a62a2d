/**
 * The name servers of the simulated world, and every way in which they are of no use: they know the gateways by their
 * names until somebody makes them deny, fail, fall silent, take their time, lie or know another family alone.
 */
import type { Family } from '../../../firmware-shim/kernel/types.ts';
import { GATEWAYS } from '../../lab/topology.ts';
import type { World } from '../../world/world.ts';

export const NAME_TROUBLES = [
  'nxdomain',
  'servfail',
  'silent',
  'slow',
  /** Somebody's address in place of the gateway's: of another gateway, or of nobody. */
  'poisoned',
  'poisonedDark',
  'ipv6Only',
] as const;
export type NameTrouble = (typeof NAME_TROUBLES)[number];

/** Where they are; any address beyond the uplinks. */
export const NAME_SERVER = '10.91.11.53';
/** Nobody answers there. */
const NOWHERE = '10.91.11.99';
const DOMAIN = '.ccn.example';
/** There and back. */
const ANSWER_MS = 14;
/** F-24. */
const SLOW_MS = 30_000;

export type NameAnswer =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly code: string };

export function nameOf(gateway: string): string {
  return `${gateway}${DOMAIN}`;
}

export class NameServers {
  readonly #world: World;
  /** What is wrong with them now. */
  trouble: NameTrouble | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** `done` is called once, if at all. */
  ask(name: string, family: Family, done: (answer: NameAnswer) => void): void {
    const { trouble } = this;
    if (trouble === 'silent') return;
    const answer = answerOf(name, family, trouble);
    const afterMs = trouble === 'slow' ? SLOW_MS : ANSWER_MS;
    this.#world.after(afterMs, 'name server', () => done(answer));
  }
}

function answerOf(name: string, family: Family, trouble: NameTrouble | undefined): NameAnswer {
  const own = GATEWAYS.find(({ id }) => nameOf(id) === name);
  if (trouble === 'servfail') return { ok: false, code: 'ESERVFAIL' };
  if (trouble === 'nxdomain' || own === undefined) return { ok: false, code: 'ENOTFOUND' };
  if (family === 'ipv6' || trouble === 'ipv6Only') return { ok: false, code: 'ENODATA' };
  if (trouble === 'poisonedDark') return { ok: true, addresses: [NOWHERE] };
  const other = GATEWAYS.find(({ id }) => id !== own.id);
  const lie = trouble === 'poisoned' ? other : undefined;
  return { ok: true, addresses: [(lie ?? own).address] };
}
