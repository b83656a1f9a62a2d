/**
 * The acts of the page: first password, logon, logout and bundle, each by POST with a small JSON body.
 *
 * The rules are in `diag/page-access`; here are the secrets, the cookie and the answers.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { readWanAsk } from '../../contract/wan-schema.ts';
import type { AnonymiseLevel } from '../../diag/bundle/anonymise.ts';
import { LOGON_PACE, Pace } from '../../diag/page-access/pace.ts';
import {
  actRefusal,
  isEmptyAsk,
  isStrong,
  type PageAct,
  type PageStage,
  readBundleAsk,
  readRoleAndPassword,
} from '../../diag/page-access/page-request.ts';
import {
  type PageRole,
  type PageSession,
  PageSessions,
} from '../../diag/page-access/page-sessions.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { DoorNote } from '../../model/notes/door-note.ts';
import type { WanAnswer, WanAsk } from '../../model/wan.ts';
import type { PageCredentials } from './page-credentials.ts';

export interface PageDeskOptions {
  readonly credentials: PageCredentials;
  readonly nowMs: () => number;
  /** Absent: this agent makes no bundles here. */
  readonly bundle?: (level: AnonymiseLevel) => Promise<AsyncIterable<Uint8Array>>;
  /** Absent: here nobody sets how uplinks get their addresses. */
  readonly wan?: (ask: WanAsk) => Promise<WanAnswer>;
  /** What a WAN setting is judged by. */
  readonly box: Pick<AgentConfig, 'uplinks' | 'lanPrefixes'>;
  readonly note: (note: DoorNote) => void;
  /** These sessions are over; whoever serves their connections closes them. */
  readonly ended: (secrets: readonly string[]) => void;
}

export interface PageAsker {
  readonly from: string;
  readonly secret: string | undefined;
}

export type PageAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
} & ({ readonly json: object } | { readonly chunks: AsyncIterable<Uint8Array> });

const COOKIE = 'sag-page';
/** Beyond guessing. */
const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;
const SECOND_MS = 1_000;

export class PageDesk {
  readonly sessions = new PageSessions();
  readonly #options: PageDeskOptions;
  readonly #pace = new Pace(LOGON_PACE);
  #isBundling = false;

  constructor(options: PageDeskOptions) {
    this.#options = options;
  }

  stageOf(secret: string | undefined): PageStage {
    if (!this.#options.credentials.isSet) return 'first';
    return this.sessions.find(secret, this.#options.nowMs())?.role ?? 'logon';
  }

  async act(act: PageAct, value: unknown, asker: PageAsker): Promise<PageAnswer> {
    const refused = actRefusal(act, this.stageOf(asker.secret));
    if (refused !== undefined) return refusal(refused === 'EPAGE_ROLE' ? 403 : 401, refused);
    if (asker.secret !== undefined) this.sessions.used(asker.secret, this.#options.nowMs());
    switch (act) {
      case '/session':
        return isEmptyAsk(value) ? this.#told(asker.secret) : BAD_BODY;
      case '/password':
        return this.#setPassword(value, asker);
      case '/logon':
        return this.#logon(value, asker);
      case '/logout':
        return isEmptyAsk(value) ? this.#logout(asker) : BAD_BODY;
      case '/bundle':
        return this.#bundle(value, asker);
      case '/wan':
        return this.#wan(value, asker);
    }
  }

  /** The button was pressed. */
  forgetPasswords(): void {
    const { credentials, note } = this.#options;
    const kept = credentials.forget().ok;
    this.#end(() => true);
    note({ code: 'pagePasswordForgotten', level: 'warning', kept });
  }

  tick(): void {
    const ended = this.sessions.tick(this.#options.nowMs());
    if (ended.length > 0) this.#options.ended(ended);
  }

  async #setPassword(value: unknown, asker: PageAsker): Promise<PageAnswer> {
    const { credentials, nowMs } = this.#options;
    const wanted = readRoleAndPassword(value);
    const isFirst = !credentials.isSet;
    if (wanted === undefined || (isFirst && wanted.role !== 'admin')) return BAD_BODY;
    const { role, password } = wanted;
    const waitMs = this.#pace.waitMs(asker.from, nowMs());
    if (waitMs > 0) return paced(waitMs);
    if (!isStrong(password)) return refusal(422, 'EPAGE_WEAK');
    switch (await credentials.set(role, password, isFirst)) {
      case 'busy':
        return BUSY;
      case 'late':
        return refusal(409, 'EPAGE_LOGON');
      case 'unkept':
        return refusal(503, 'EPAGE_STORAGE');
      case 'set':
        this.#acted('admin', asker, `the password of ${role} was set`);
        // Whoever knew the former one is logged off, also who set it: one open session is a new one.
        this.#end((session) => session.role === role || isFirst);
        return role === 'admin' ? this.#opened('admin') : this.#told(asker.secret);
    }
  }

  async #logon(value: unknown, asker: PageAsker): Promise<PageAnswer> {
    const { credentials, nowMs } = this.#options;
    const wanted = readRoleAndPassword(value);
    if (wanted === undefined) return BAD_BODY;
    const waitMs = this.#pace.waitMs(asker.from, nowMs());
    if (waitMs > 0) return paced(waitMs);
    const answer = await credentials.verify(wanted.role, wanted.password);
    if (answer === 'busy') return BUSY;
    if (answer === 'wrong') return refusal(401, 'EPAGE_PASSWORD');
    this.#pace.forgive(asker.from);
    this.#acted(wanted.role, asker, 'logged on');
    return this.#opened(wanted.role);
  }

  #logout({ secret }: PageAsker): PageAnswer {
    this.#end((session) => session.secret === secret);
    const headers = { 'Set-Cookie': cookie('', 0) };
    return { status: 200, headers, json: { stage: 'logon' } };
  }

  async #bundle(value: unknown, asker: PageAsker): Promise<PageAnswer> {
    const level = readBundleAsk(value);
    if (level === undefined) return BAD_BODY;
    const { bundle } = this.#options;
    if (bundle === undefined || this.#isBundling) return BUSY;
    this.#isBundling = true;
    this.#acted('admin', asker, 'fetches a bundle');
    try {
      const chunks = await bundle(level);
      const headers = {
        'Content-Type': 'application/gzip',
        'Content-Disposition': 'attachment; filename="sag-bundle.tar.gz"',
      };
      return { status: 200, headers, chunks };
    } catch {
      return BUSY;
    } finally {
      this.#isBundling = false;
    }
  }

  async #wan(value: unknown, asker: PageAsker): Promise<PageAnswer> {
    const { wan, box } = this.#options;
    const read = readWanAsk(value, box);
    if (!read.ok) return { status: 422, json: read.refusal };
    const { value: ask } = read;
    this.#acted('admin', asker, wanWords(ask));
    const { ok, code = 'EPAGE_BUSY', because } = (await wan?.(ask)) ?? NO_WAN;
    if (ok) return { status: 200, json: { because } };
    return { status: 409, json: { code, pointer: '', sentence: because } };
  }

  #opened(role: PageRole): PageAnswer {
    const session: PageSession = { secret: newSecret(), role };
    const ended = this.sessions.open(session, this.#options.nowMs());
    if (ended.length > 0) this.#options.ended(ended);
    const headers = { 'Set-Cookie': cookie(session.secret) };
    return { ...this.#told(session.secret), headers };
  }

  /** Where the browser stands, and a ticket for its next connection when it is logged on. */
  #told(secret: string | undefined): PageAnswer {
    const stage = this.stageOf(secret);
    if (secret === undefined || stage === 'first' || stage === 'logon') {
      return { status: 200, json: { stage } };
    }
    const ticket = newSecret();
    this.sessions.giveTicket(secret, ticket, this.#options.nowMs());
    return { status: 200, json: { stage, ticket } };
  }

  #end(isMeant: (session: PageSession) => boolean): void {
    this.#options.ended(this.sessions.end(isMeant));
  }

  #acted(role: PageRole, { from }: PageAsker, what: string): void {
    this.#options.note({ code: 'pageActed', level: 'notice', role, from, what });
  }
}

/** The secret in the cookie of a request, if there is one of our shape. */
export function secretOf({ cookie: all = '' }: IncomingHttpHeaders): string | undefined {
  const ours = all
    .split(';')
    .map((each) => each.trim())
    .find((each) => each.startsWith(`${COOKIE}=`));
  const secret = ours?.slice(COOKIE.length + 1);
  return secret !== undefined && SECRET.test(secret) ? secret : undefined;
}

export function refusal(status: number, code: string): PageAnswer & { readonly json: object } {
  return { status, json: { code } };
}

const NO_WAN: WanAnswer = { ok: false, because: 'this agent sets no addresses' };

/** For the audit trail: never with a password. */
function wanWords(ask: WanAsk): string {
  switch (ask.do) {
    case 'set':
      return `sets ${ask.setting.uplink} to ${ask.setting.ipType}`;
    case 'release':
      return `gives ${ask.uplink} back to the system`;
    case 'keep':
      return 'keeps the WAN setting on trial';
    case 'undo':
      return 'undoes the WAN setting on trial';
  }
}

const BAD_BODY = refusal(400, 'EPAGE_BODY');
const BUSY = refusal(503, 'EPAGE_BUSY');

function paced(waitMs: number): PageAnswer {
  const seconds = String(Math.ceil(waitMs / SECOND_MS));
  return { ...refusal(429, 'EPAGE_PACE'), headers: { 'Retry-After': seconds } };
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Not `Secure`: a box without a name has no certificate that a browser would believe. */
function cookie(secret: string, maxAgeS?: number): string {
  const age = maxAgeS === undefined ? '' : `; Max-Age=${maxAgeS}`;
  return `${COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Strict${age}`;
}
