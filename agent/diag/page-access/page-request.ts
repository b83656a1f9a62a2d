/**
 * What a browser may ask of the page: bodies of its few addresses, and messages on its WebSocket. Everything is checked
 * before anything is used, and whatever is not listed here does not exist.
 */
import type { AnonymiseLevel } from '../bundle/anonymise.ts';
import type { PageRole } from './page-sessions.ts';

/** The addresses that do something; all of them by POST. */
export const PAGE_ACTS = ['/session', '/password', '/logon', '/logout', '/bundle', '/wan'] as const;
export type PageAct = (typeof PAGE_ACTS)[number];
/** All there is while nobody has set a password. */
const ACTS_BEFORE: readonly PageAct[] = ['/session', '/password', '/logon'];
/** What is there without being logged on. */
const ACTS_OUTSIDE: readonly PageAct[] = ['/session', '/logon'];
const ACTS_OF_VIEWERS: readonly PageAct[] = ['/session', '/logon', '/logout'];

export type PageStage = 'first' | 'logon' | PageRole;

export function isPageAct(path: string): path is PageAct {
  return (PAGE_ACTS as readonly string[]).includes(path);
}

/** Undefined when the act is allowed at this stage. */
export function actRefusal(
  act: PageAct,
  stage: PageStage,
): 'EPAGE_LOGON' | 'EPAGE_ROLE' | undefined {
  switch (stage) {
    case 'first':
      return ACTS_BEFORE.includes(act) ? undefined : 'EPAGE_LOGON';
    case 'logon':
      return ACTS_OUTSIDE.includes(act) ? undefined : 'EPAGE_LOGON';
    case 'viewer':
      return ACTS_OF_VIEWERS.includes(act) ? undefined : 'EPAGE_ROLE';
    case 'admin':
      return undefined;
  }
}

export interface RoleAndPassword {
  readonly role: PageRole;
  readonly password: string;
}

/** As long as a passphrase may be; what is longer only costs work. */
const PASSWORD_CHARACTERS_MAX = 128;
/** NIST SP 800-63B section 3.1.1: length counts, composition rules do not. */
const PASSWORD_CHARACTERS_MIN = 10;

export function readRoleAndPassword(value: unknown): RoleAndPassword | undefined {
  const members = membersOf(value, ['role', 'password']);
  const { role, password } = members ?? {};
  if (role !== 'admin' && role !== 'viewer') return undefined;
  if (typeof password !== 'string' || password.length > PASSWORD_CHARACTERS_MAX) return undefined;
  return { role, password: password.normalize('NFC') };
}

/** Long enough, and not one character over and over. */
export function isStrong(password: string): boolean {
  return password.length >= PASSWORD_CHARACTERS_MIN && new Set(password).size > 3;
}

const LEVELS: readonly unknown[] = ['none', 'public', 'all'] satisfies AnonymiseLevel[];

export function readBundleAsk(value: unknown): AnonymiseLevel | undefined {
  const level = membersOf(value, ['anonymise'])?.['anonymise'];
  return LEVELS.includes(level) ? (level as AnonymiseLevel) : undefined;
}

export function isEmptyAsk(value: unknown): boolean {
  return membersOf(value, []) !== undefined;
}

export type PageAsk =
  | { readonly op: 'check' }
  | { readonly op: 'blink'; readonly seconds: number }
  | { readonly op: 'switch'; readonly tunnel: string };

const MESSAGE_MEMBERS: Readonly<Record<PageAsk['op'], readonly string[]>> = {
  check: ['op'],
  blink: ['op', 'seconds'],
  switch: ['op', 'tunnel'],
};
const OPS_OF_VIEWERS: readonly PageAsk['op'][] = ['check'];
const TUNNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
/** As long as somebody looks for a box in a rack. */
const BLINK_S_MAX = 600;

export function maySay(role: PageRole, { op }: PageAsk): boolean {
  return role === 'admin' || OPS_OF_VIEWERS.includes(op);
}

export function readPageAsk(text: string): PageAsk | undefined {
  const value = jsonOf(text);
  const op = membersOf(value, ['op', 'seconds', 'tunnel'])?.['op'];
  if (op !== 'check' && op !== 'blink' && op !== 'switch') return undefined;
  const members = membersOf(value, MESSAGE_MEMBERS[op]);
  if (members === undefined) return undefined;
  const { seconds, tunnel } = members;
  switch (op) {
    case 'check':
      return { op };
    case 'blink':
      return isSeconds(seconds) ? { op, seconds } : undefined;
    case 'switch':
      return typeof tunnel === 'string' && TUNNEL_NAME.test(tunnel) ? { op, tunnel } : undefined;
  }
}

function isSeconds(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= BLINK_S_MAX;
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object of nothing but these members; an own `__proto__` is one too many. */
function membersOf(
  value: unknown,
  names: readonly string[],
): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (!Object.keys(value).every((key) => names.includes(key))) return undefined;
  return value as Readonly<Record<string, unknown>>;
}
