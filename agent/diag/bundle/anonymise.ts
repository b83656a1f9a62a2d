/**
 * Replaces what tells who and where by words that stay the same throughout one bundle, so that a story can still be
 * followed.
 *
 * `public` replaces public and hardware addresses and the identities of device and tenant; `all` also private addresses
 * and the names of gateways, CCN and hosts. Loopback, unspecified addresses and masks say nothing and stay.
 */
import { formatAddress, parseAddress } from '../../../firmware-shim/kernel/address-text.ts';
import { parsePrefix, prefixContains } from '../../../firmware-shim/kernel/prefix.ts';

export type AnonymiseLevel = 'none' | 'public' | 'all';

/** Words with the kind of thing they name. */
export interface KnownWord {
  readonly word: string;
  readonly kind: 'serial' | 'tenant' | 'host' | 'gateway' | 'ccn';
}

const MAC = /(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])/g;
const IPV4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)/g;
const IPV6 = /(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,8}[0-9A-Fa-f]{0,4}(?:\.\d+){0,3}(?![\w:])/g;

const TELLS_NOTHING = ['0.0.0.0/8', '127.0.0.0/8', '255.0.0.0/8', '::/127'];
const PRIVATE = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/4',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
];
/** Known to be whose they are only with the names behind them. */
const NAMES_OF_PLACES: readonly KnownWord['kind'][] = ['gateway', 'ccn'];
/** Shorter ones would be found inside ordinary words. */
const WORD_CHARACTERS_MIN = 3;

export class Anonymiser {
  readonly #level: AnonymiseLevel;
  readonly #kinds: ReadonlyMap<string, KnownWord['kind']>;
  readonly #words: RegExp | undefined;
  readonly #given = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(level: AnonymiseLevel, known: readonly KnownWord[]) {
    this.#level = level;
    const wanted = known.filter(
      ({ word, kind }) =>
        word.length >= WORD_CHARACTERS_MIN && (level === 'all' || !NAMES_OF_PLACES.includes(kind)),
    );
    this.#kinds = new Map(wanted.map(({ word, kind }) => [word, kind]));
    const longestFirst = [...this.#kinds.keys()].toSorted((a, b) => b.length - a.length);
    const choices = longestFirst.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    this.#words =
      choices.length === 0
        ? undefined
        : new RegExp(`(?<![A-Za-z0-9])(?:${choices.join('|')})(?![A-Za-z0-9])`, 'g');
  }

  text(text: string): string {
    if (this.#level === 'none') return text;
    const named =
      this.#words === undefined
        ? text
        : text.replaceAll(this.#words, (word) =>
            this.#standIn(this.#kinds.get(word) ?? 'name', word),
          );
    return named
      .replaceAll(MAC, (mac) => this.#standIn('mac', mac.toLowerCase()))
      .replaceAll(IPV4, (address) => this.#address(address))
      .replaceAll(IPV6, (address) => this.#address(address));
  }

  #address(text: string): string {
    const bytes = parseAddress(text);
    if (bytes === undefined || within(text, TELLS_NOTHING)) return text;
    const kind = within(text, PRIVATE) ? 'private-ip' : 'public-ip';
    if (kind === 'private-ip' && this.#level !== 'all') return text;
    return this.#standIn(kind, formatAddress(bytes) ?? text);
  }

  #standIn(kind: string, what: string): string {
    const key = `${kind} ${what}`;
    const given = this.#given.get(key);
    if (given !== undefined) return given;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const word = `${kind}-${count}`;
    this.#given.set(key, word);
    return word;
  }
}

function within(address: string, prefixes: readonly string[]): boolean {
  const own = parsePrefix(address);
  return prefixes.some((text) => {
    const prefix = parsePrefix(text);
    return own !== undefined && prefix !== undefined && prefixContains(prefix, own);
  });
}
