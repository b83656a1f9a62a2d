/**
 * What is known of each name: addresses that have proved themselves, what name servers last said, and addresses where
 * somebody else was met. All of it is bounded, and an address becomes good by its proof alone.
 */
import type { Family } from '../../../firmware-shim/kernel/types.ts';
import type {
  AddressSource,
  GatewayNameSnapshot,
  GoodAddress,
  KeptName,
} from '../../model/gateway-name.ts';
import { familyOf } from './address-order.ts';

/** A configuration names fewer gateways; the name that was not used for longest goes. */
export const NAMES_MAX = 64;
/** Of one name: a gateway has two or three, and one that is moved leaves its former ones behind. */
export const GOOD_MAX = 4;
/** An answer names a few; the rest is somebody's trick. */
export const ANSWER_MAX = 8;
const ASIDE_MAX = 8;
/** As long as a poisoned answer lives in the caches of a provider, about. */
export const ASIDE_MS = 600_000;
/** An answer nobody waited for is better than none for so long. */
const HEARD_MS = 3_600_000;
/** A proof is written to the disk so often, not with every connection. */
const PROOF_EVERY_MS = 3_600_000;

interface Facts {
  good: readonly GoodAddress[];
  readonly heard: Map<Family, { readonly addresses: readonly string[]; readonly atMs: number }>;
  readonly asideUntilMs: Map<string, number>;
  /** The last word on each family that was asked for; undefined for a good answer. */
  readonly trouble: Map<Family, string | undefined>;
  inUse: GatewayNameSnapshot['inUse'];
}

export class NameBook {
  readonly #names = new Map<string, Facts>();

  constructor(kept: readonly KeptName[]) {
    for (const { name, addresses } of kept.slice(0, NAMES_MAX).toReversed()) {
      this.#of(name).good = addresses.slice(0, GOOD_MAX);
    }
  }

  /** Newest proof first. */
  good(name: string): readonly GoodAddress[] {
    return this.#names.get(name)?.good ?? [];
  }

  heard(name: string, family: Family, nowMs: number): readonly string[] {
    const heard = this.#names.get(name)?.heard.get(family);
    return heard === undefined || nowMs - heard.atMs > HEARD_MS ? [] : heard.addresses;
  }

  isSetAside(name: string, address: string, nowMs: number): boolean {
    return nowMs < (this.#names.get(name)?.asideUntilMs.get(address) ?? Number.NEGATIVE_INFINITY);
  }

  /** Only addresses of the family that was asked for are one. */
  answered(name: string, family: Family, given: readonly string[], nowMs: number): string[] {
    const facts = this.#of(name);
    facts.trouble.set(family, undefined);
    const addresses = given.filter((each) => familyOf(each) === family).slice(0, ANSWER_MAX);
    facts.heard.set(family, { addresses, atMs: nowMs });
    return addresses;
  }

  unanswered(name: string, family: Family, trouble: string): void {
    this.#of(name).trouble.set(family, trouble);
  }

  /** Undefined when an answer was good, or none was needed. */
  trouble(name: string): string | undefined {
    const said = [...(this.#names.get(name)?.trouble.values() ?? [])];
    return said.includes(undefined) ? undefined : said[0];
  }

  /** The gateway has proved itself there. True when what should be on the disk is another than before. */
  prove(name: string, proved: GoodAddress, from: AddressSource): boolean {
    const facts = this.#of(name);
    const { address, provedWallMs } = proved;
    facts.inUse = { address, from };
    facts.asideUntilMs.delete(address);
    const [newest] = facts.good;
    const isSame = newest?.address === address;
    if (isSame && Math.abs(provedWallMs - newest.provedWallMs) < PROOF_EVERY_MS) return false;
    const others = facts.good.filter((each) => each.address !== address);
    facts.good = [proved, ...others].slice(0, GOOD_MAX);
    return true;
  }

  /** False where it was aside already. */
  setAside(name: string, address: string, nowMs: number): boolean {
    const { asideUntilMs } = this.#of(name);
    const isNews = !this.isSetAside(name, address, nowMs);
    asideUntilMs.delete(address);
    asideUntilMs.set(address, nowMs + ASIDE_MS);
    dropOldest(asideUntilMs, ASIDE_MAX);
    return isNews;
  }

  kept(): readonly KeptName[] {
    return [...this.#names]
      .toReversed()
      .flatMap(([name, { good }]) => (good.length === 0 ? [] : [{ name, addresses: good }]));
  }

  snapshot(nowMs: number, wallMs: number): readonly GatewayNameSnapshot[] {
    return [...this.#names].map(([name, { good, asideUntilMs, inUse }]) => {
      const trouble = this.trouble(name);
      return {
        name,
        addresses: good.map(({ address, provedWallMs }) => ({
          address,
          provedAgoMs: Math.max(0, wallMs - provedWallMs),
        })),
        setAside: [...asideUntilMs.keys()].filter((each) => this.isSetAside(name, each, nowMs)),
        ...(inUse !== undefined && { inUse }),
        ...(trouble !== undefined && { trouble }),
      };
    });
  }

  /** The name that was used last is the last of the map. */
  #of(name: string): Facts {
    const facts = this.#names.get(name) ?? {
      good: [],
      heard: new Map(),
      asideUntilMs: new Map(),
      trouble: new Map(),
      inUse: undefined,
    };
    this.#names.delete(name);
    this.#names.set(name, facts);
    dropOldest(this.#names, NAMES_MAX);
    return facts;
  }
}

function dropOldest<Key>(map: Map<Key, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
