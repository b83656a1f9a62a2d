/**
 * Decides whether a request may see the page: the rules against other sites and rebound names.
 *
 * A browser sends the Host it was told and the Origin it stands on; a name that is not ours means somebody
 * else's page or somebody else's DNS.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { PageConfig } from '../../model/config.ts';

export type PageRefusal =
  | { readonly code: 'EPAGE_HOST'; readonly status: 421 }
  | { readonly code: 'EPAGE_ORIGIN'; readonly status: 403 }
  | { readonly code: 'EPAGE_METHOD'; readonly status: 405 }
  | { readonly code: 'EPAGE_PATH'; readonly status: 404 }
  | { readonly code: 'EPAGE_TYPE'; readonly status: 415 };

const METHODS: readonly unknown[] = ['GET', 'HEAD', 'POST'];
const JSON_TYPE = /^application\/json(?:; *charset=utf-8)?$/i;

export class PageGuard {
  readonly #names: Set<string>;

  constructor({ address, hosts }: PageConfig) {
    const own = address === undefined ? [] : [address];
    // A loopback name cannot be rebound by anybody who is not on this machine already.
    const loopback = address === '127.0.0.1' || address === '::1' ? ['localhost'] : [];
    this.#names = new Set([...own, ...loopback, ...hosts].map((name) => name.toLowerCase()));
  }

  /** It listens there as well. */
  allow(address: string): void {
    this.#names.add(address);
  }

  /** Not any more. */
  forbid(address: string): void {
    this.#names.delete(address);
  }

  refusal(method: string | undefined, headers: IncomingHttpHeaders): PageRefusal | undefined {
    if (!METHODS.includes(method)) return { code: 'EPAGE_METHOD', status: 405 };
    return this.#isOurs(headers.host) ? undefined : { code: 'EPAGE_HOST', status: 421 };
  }

  /**
   * What changes or tells something is asked by our own page only. Browsers say so in Sec-Fetch-Site, but on plain
   * HTTP only to loopback; the Origin they send with every POST.
   */
  actRefusal(headers: IncomingHttpHeaders): PageRefusal | undefined {
    if (!isFromOurPage(headers)) return { code: 'EPAGE_ORIGIN', status: 403 };
    const { 'content-type': type = '', 'content-encoding': encoding } = headers;
    const isJson = JSON_TYPE.test(type) && encoding === undefined;
    return isJson ? undefined : { code: 'EPAGE_TYPE', status: 415 };
  }

  /** A WebSocket is not held back by the same-origin rule, so the Origin is demanded and compared. */
  upgradeRefusal(
    method: string | undefined,
    headers: IncomingHttpHeaders,
  ): PageRefusal | undefined {
    const refused = this.refusal(method, headers);
    if (refused !== undefined) return refused;
    return isFromOurPage(headers) ? undefined : { code: 'EPAGE_ORIGIN', status: 403 };
  }

  /** Listed as written, or without its port. */
  #isOurs(host: string | undefined): boolean {
    if (host === undefined) return false;
    const whole = host.toLowerCase();
    const name = whole.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1');
    return this.#names.has(whole) || this.#names.has(name);
  }
}

function isFromOurPage(headers: IncomingHttpHeaders): boolean {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  const isSameSite = site === undefined || site === 'same-origin';
  return isSameSite && (origin === `http://${host}` || origin === `https://${host}`);
}
