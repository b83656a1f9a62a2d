/**
 * The live side of the page: everybody who is logged on sees the state and the notes, and may ask for what its role
 * allows.
 *
 * A page that connects gets the full state and the newest notes at once, then at most five states a second and every
 * note as it comes. Each message is judged by the session as it is at that moment.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { CheckReport } from '../../diag/check/check-report.ts';
import type { LadderSoFar } from '../../diag/check/ladder.ts';
import type { Done } from '../../diag/control-answer.ts';
import { MESSAGE_PACE, Pace } from '../../diag/page-access/pace.ts';
import { maySay, type PageAsk, readPageAsk } from '../../diag/page-access/page-request.ts';
import type { PageRole, PageSession } from '../../diag/page-access/page-sessions.ts';
import { type PageMessage, pageNoteOf, pageNotesOf, pageStateOf } from '../../diag/page-state.ts';
import { HISTORY_STEP_MS, PathHistory, type UplinkHistory } from '../../diag/path-history.ts';
import type { AgentSnapshot, TimedNote } from '../../model/snapshot.ts';

export interface PageLiveOptions {
  readonly snapshot: () => Promise<AgentSnapshot>;
  readonly check: (onRungs?: (soFar: LadderSoFar) => void) => Promise<CheckReport>;
  readonly onSwitch?: (tunnel: string) => Promise<Done>;
  readonly blink?: (seconds: number) => Promise<Done>;
  readonly nowMs: () => number;
  /** Between two points of the history; by default that of the page. */
  readonly historyStepMs?: number;
  /** The session as it is now. */
  readonly find: (secret: string) => PageSession | undefined;
  readonly used: (secret: string) => void;
  readonly acted: (role: PageRole, from: string, what: string) => void;
  readonly refused: (code: 'EPAGE_MESSAGE' | 'EPAGE_ROLE' | 'EPAGE_LOGON' | 'EPAGE_PACE') => void;
}

/** Who has come: a session, the address it comes from, and that of ours it came to. */
export interface Comer {
  readonly secret: string;
  readonly from: string;
  readonly at: string | undefined;
}

type Refused = Parameters<PageLiveOptions['refused']>[0];

const MESSAGE_BYTES_MAX = 64 * 1024;
/** A page that lets this much lie unread is cut off. */
const UNSENT_BYTES_MAX = 512 * 1024;
/** Rest between two states: five a second at most, two when nothing is noted. */
const STATE_PAUSE_MIN_MS = 200;
const STATE_PAUSE_MS = 500;
/** A page that has vanished without a word is noticed within two of these. */
const PING_EVERY_MS = 15_000;
/** A browser that does not answer the close of an ended session is cut off after this. */
const CLOSE_WAIT_MS = 500;
/** RFC 6455 section 7.4: 1008 is a broken rule, from 4000 on codes are ours. */
const BROKE_RULE = 1008;
const SESSION_ENDED = 4401;
/** The name of what we speak; the ticket comes beside it. */
export const LIVE_PROTOCOL = 'sag-live';

export class PageLive {
  readonly #options: PageLiveOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: () => LIVE_PROTOCOL,
  });
  readonly #comers = new WeakMap<WebSocket, Comer>();
  readonly #answered = new WeakSet<WebSocket>();
  readonly #pings: NodeJS.Timeout;
  readonly #history = new PathHistory();
  readonly #samples: NodeJS.Timeout;
  #next: NodeJS.Timeout | undefined;
  #lastStateAtMs = 0;
  #asking = false;
  #closed = false;

  constructor(options: PageLiveOptions) {
    this.#options = options;
    this.#pings = setInterval(() => this.#pingAll(), PING_EVERY_MS).unref();
    this.#samples = setInterval(
      () => void this.#sample(),
      options.historyStepMs ?? HISTORY_STEP_MS,
    ).unref();
  }

  join(comer: Comer, request: IncomingMessage, connection: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, connection, head, (socket) => {
      this.#comers.set(socket, comer);
      socket.on('error', () => this.#options.refused('EPAGE_MESSAGE'));
      const pace = new Pace(MESSAGE_PACE);
      socket.on('message', (data, isBinary) => {
        const text = isBinary ? '' : (data as Buffer).toString('utf8');
        this.#hear(socket, comer, text, pace.waitMs('', this.#options.nowMs()) === 0);
      });
      socket.on('pong', () => this.#answered.add(socket));
      this.#answered.add(socket);
      void this.#show([socket], true);
      this.#schedule(STATE_PAUSE_MS);
    });
  }

  noted(timed: TimedNote): void {
    this.#sendAll({ type: 'notes', notes: [pageNoteOf(timed)] });
    this.#schedule(STATE_PAUSE_MIN_MS);
  }

  /** Who came to one of these addresses finds the page at another as well, and soon only there. */
  moving(from: readonly string[], to: string): void {
    for (const socket of this.#sockets.clients) {
      const at = this.#comers.get(socket)?.at;
      if (at !== undefined && from.includes(at)) sendTo(socket, { type: 'moving', to });
    }
  }

  /** Their sessions are over. */
  end(secrets: readonly string[]): void {
    for (const socket of this.#sockets.clients) {
      const comer = this.#comers.get(socket);
      if (comer === undefined || !secrets.includes(comer.secret)) continue;
      socket.close(SESSION_ENDED, 'EPAGE_LOGON');
      setTimeout(() => socket.terminate(), CLOSE_WAIT_MS).unref();
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#pings);
    clearInterval(this.#samples);
    clearTimeout(this.#next);
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  #hear(socket: WebSocket, { secret, from }: Comer, text: string, isPaced: boolean): void {
    const session = this.#options.find(secret);
    if (session === undefined) return this.#hangUp(socket, 'EPAGE_LOGON');
    if (!isPaced) return this.#hangUp(socket, 'EPAGE_PACE');
    const ask = readPageAsk(text);
    if (ask === undefined) return this.#hangUp(socket, 'EPAGE_MESSAGE');
    if (!maySay(session.role, ask)) return this.#hangUp(socket, 'EPAGE_ROLE');
    this.#options.used(secret);
    const acted = (what: string): void => this.#options.acted(session.role, from, what);
    void this.#do(socket, ask, acted);
  }

  async #do(socket: WebSocket, ask: PageAsk, acted: (what: string) => void): Promise<void> {
    const { check, blink, onSwitch } = this.#options;
    try {
      switch (ask.op) {
        case 'check':
          return sendTo(socket, {
            type: 'checked',
            report: await check((soFar) => sendTo(socket, { type: 'rungs', ...soFar })),
          });
        case 'blink':
          acted(`let the lamps blink for ${ask.seconds} s`);
          return sendTo(socket, doneOf(ask.op, await blink?.(ask.seconds)));
        case 'switch':
          acted(`asked to switch to ${ask.tunnel}`);
          return sendTo(socket, doneOf(ask.op, await onSwitch?.(ask.tunnel)));
      }
    } catch {
      sendTo(socket, doneOf(ask.op, undefined));
    }
  }

  #hangUp(socket: WebSocket, code: Refused): void {
    this.#options.refused(code);
    socket.close(BROKE_RULE, code);
  }

  #schedule(pauseMs: number): void {
    if (this.#closed || this.#sockets.clients.size === 0) return;
    const waitMs = Math.max(0, this.#lastStateAtMs + pauseMs - performance.now());
    clearTimeout(this.#next);
    this.#next = setTimeout(() => void this.#showAll(), waitMs).unref();
  }

  /** One question to the agent at a time, however many notes came meanwhile. */
  async #showAll(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    this.#lastStateAtMs = performance.now();
    await this.#show(this.#sockets.clients, false);
    this.#asking = false;
    this.#schedule(STATE_PAUSE_MS);
  }

  async #show(sockets: Iterable<WebSocket>, withNotes: boolean): Promise<void> {
    const snapshot = await this.#look();
    if (snapshot === undefined) return;
    const texts = [
      ...(withNotes ? [historyText(this.#history.all, true)] : []),
      ...(withNotes ? [JSON.stringify({ type: 'notes', notes: pageNotesOf(snapshot) })] : []),
      JSON.stringify({ type: 'state', state: pageStateOf(snapshot) }),
    ];
    for (const socket of sockets) for (const each of texts) send(socket, each);
  }

  /** Also while nobody looks: who comes later sees what was. */
  async #sample(): Promise<void> {
    const snapshot = await this.#look();
    if (snapshot === undefined) return;
    const shown = historyText(this.#history.add(snapshot), false);
    for (const socket of this.#sockets.clients) send(socket, shown);
  }

  /** Undefined when the agent did not answer; the page says by itself that what it shows grows old. */
  async #look(): Promise<AgentSnapshot | undefined> {
    try {
      return await this.#options.snapshot();
    } catch {
      return undefined;
    }
  }

  #sendAll(message: PageMessage): void {
    const shown = JSON.stringify(message);
    for (const socket of this.#sockets.clients) send(socket, shown);
  }

  #pingAll(): void {
    for (const socket of this.#sockets.clients) {
      if (!this.#answered.has(socket)) socket.terminate();
      this.#answered.delete(socket);
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}

function historyText(uplinks: readonly UplinkHistory[], isWhole: boolean): string {
  const message: PageMessage = { type: 'history', stepMs: HISTORY_STEP_MS, isWhole, uplinks };
  return JSON.stringify(message);
}

function doneOf(op: PageAsk['op'], done: Done | undefined): PageMessage {
  const { ok, because } = done ?? { ok: false, because: 'the agent did not answer' };
  return { type: 'done', op, ok, because };
}

function sendTo(socket: WebSocket, message: PageMessage): void {
  send(socket, JSON.stringify(message));
}

function send(socket: WebSocket, shown: string): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > UNSENT_BYTES_MAX) socket.terminate();
  else socket.send(shown);
}
