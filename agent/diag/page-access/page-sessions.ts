/**
 * Who is logged on at the page: one session a browser, each with its role and its end.
 *
 * A session is known by the secret of its cookie. To open a WebSocket the page also shows a ticket, which it must have
 * read in an answer: another site can make a browser send the cookie, but it cannot read our answers.
 */
import type { Deadline } from '../../../firmware-shim/base/core.ts';

export type PageRole = 'admin' | 'viewer';

export interface PageSession {
  readonly secret: string;
  readonly role: PageRole;
}

interface Entry extends PageSession {
  readonly openedAtMs: number;
  usedAtMs: number;
  /** Given out and not yet used, the newest last. */
  readonly tickets: { readonly ticket: string; readonly untilMs: number }[];
}

/** More browsers than a branch has technicians; the one that was used least recently goes. */
const SESSIONS_MAX = 16;
/** A laptop left open at a branch is nobody's way in after this. */
const UNUSED_MS_MAX = 3_600_000;
/** A working day. */
const AGE_MS_MAX = 8 * 3_600_000;
/** From an answer to the connection it was asked for. */
const TICKET_MS_MAX = 30_000;
/** Tabs of one browser that connect at the same time. */
const TICKETS_MAX = 8;

export class PageSessions {
  readonly #entries = new Map<string, Entry>();

  /** Answers with the secrets of sessions that had to make room. */
  open(session: PageSession, nowMs: number): readonly string[] {
    const ended = [...this.tick(nowMs)];
    while (this.#entries.size >= SESSIONS_MAX) {
      const oldest = [...this.#entries.values()].reduce((one, other) =>
        other.usedAtMs < one.usedAtMs ? other : one,
      );
      this.#entries.delete(oldest.secret);
      ended.push(oldest.secret);
    }
    const entry = { ...session, openedAtMs: nowMs, usedAtMs: nowMs, tickets: [] };
    this.#entries.set(session.secret, entry);
    return ended;
  }

  /** The session of a cookie while it lasts. */
  find(secret: string | undefined, nowMs: number): PageSession | undefined {
    const entry = secret === undefined ? undefined : this.#entries.get(secret);
    return entry !== undefined && nowMs < endOf(entry) ? entry : undefined;
  }

  /** Somebody did something: the time of disuse begins anew. */
  used(secret: string, nowMs: number): void {
    const entry = this.#entries.get(secret);
    if (entry !== undefined) entry.usedAtMs = nowMs;
  }

  giveTicket(secret: string, ticket: string, nowMs: number): void {
    const entry = this.#entries.get(secret);
    if (entry === undefined) return;
    if (entry.tickets.length >= TICKETS_MAX) entry.tickets.shift();
    entry.tickets.push({ ticket, untilMs: nowMs + TICKET_MS_MAX });
  }

  /** Whether it was given to this session, lately, and not used before. */
  takeTicket(secret: string, ticket: string, nowMs: number): boolean {
    const tickets = this.#entries.get(secret)?.tickets ?? [];
    const at = tickets.findIndex((given) => given.ticket === ticket && nowMs < given.untilMs);
    if (at < 0) return false;
    tickets.splice(at, 1);
    return true;
  }

  /** Answers with the secrets of those that were open. */
  end(isMeant: (session: PageSession) => boolean): readonly string[] {
    const meant = [...this.#entries.values()].filter(isMeant).map(({ secret }) => secret);
    for (const secret of meant) this.#entries.delete(secret);
    return meant;
  }

  /** Answers with the secrets of those whose time is over. */
  tick(nowMs: number): readonly string[] {
    return this.end(({ secret }) => this.find(secret, nowMs) === undefined);
  }

  deadline(): Deadline | undefined {
    const ends = [...this.#entries.values()].map(endOf);
    return ends.length === 0 ? undefined : { atMs: Math.min(...ends), why: 'session' };
  }
}

function endOf({ openedAtMs, usedAtMs }: Entry): number {
  return Math.min(openedAtMs + AGE_MS_MAX, usedAtMs + UNUSED_MS_MAX);
}
