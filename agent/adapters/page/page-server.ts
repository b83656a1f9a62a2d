/**
 * The local page: static files over HTTP, a few acts by POST, and the live state over a WebSocket for who is logged on.
 *
 * Connections, headers, bodies and their times are bounded, so that nobody on the LAN can slow the agent down through
 * this door.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PageBox } from '../../diag/page-access/page-places.ts';
import { isPageAct, jsonOf, type PageAct } from '../../diag/page-access/page-request.ts';
import type { PageConfig } from '../../model/config.ts';
import type { DoorNote } from '../../model/notes/door-note.ts';
import type { TimedNote } from '../../model/snapshot.ts';
import { doorClosed } from '../control/control-socket-claim.ts';
import type { PageCredentials } from './page-credentials.ts';
import { type PageAnswer, PageDesk, type PageDeskOptions, refusal, secretOf } from './page-desk.ts';
import { PageListeners } from './page-listeners.ts';
import { LIVE_PROTOCOL, PageLive, type PageLiveOptions } from './page-live.ts';
import { bodyOf } from './page-server-body.ts';
import { type PageFile, readPageFiles } from './page-server-files.ts';
import { PageGuard, type PageRefusal } from './page-server-guard.ts';

type LiveAsks = Pick<
  PageLiveOptions,
  'snapshot' | 'check' | 'onSwitch' | 'blink' | 'historyStepMs'
>;

export interface PageServerOptions extends LiveAsks, Pick<PageDeskOptions, 'bundle' | 'wan'> {
  readonly box: PageDeskOptions['box'] & PageBox;
  readonly page: PageConfig;
  readonly credentials: PageCredentials;
  readonly nowMs: () => number;
  /** For the headers of a request; by default that of the page. */
  readonly headersWaitMs?: number;
  readonly note: (note: DoorNote) => void;
  /** Told each time a request was turned away. */
  readonly refused: (code: string) => void;
}

export interface PageServer {
  noted(timed: TimedNote): void;
  /** Where it listens, for people. */
  readonly places: readonly string[];
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 64;
const HEADER_BYTES_MAX = 8 * 1024;
const HEADERS_MAX = 64;
const HEADERS_WAIT_MS = 5_000;
const REQUEST_WAIT_MS = 10_000;
/** Ended sessions are looked for this often: their connections close within a second. */
const SESSIONS_EVERY_MS = 400;

/** Scripts and styles come from here only, nothing may frame the page, nothing is remembered. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Listens where the configuration says; rejects with `DoorClosed` and listens nowhere. */
export async function openPageServer(options: PageServerOptions): Promise<PageServer> {
  const server = new LivePage(options);
  try {
    await server.listen();
  } catch (error) {
    await server.close();
    throw doorClosed(error);
  }
  return server;
}

class LivePage implements PageServer {
  readonly #options: PageServerOptions;
  readonly #guard: PageGuard;
  readonly #files: ReadonlyMap<string, PageFile> = readPageFiles();
  readonly #listeners: PageListeners;
  readonly #connections = new Set<Socket>();
  readonly #desk: PageDesk;
  readonly #live: PageLive;
  readonly #watch: NodeJS.Timeout;

  constructor(options: PageServerOptions) {
    this.#options = options;
    const { page, nowMs, note, refused } = options;
    this.#guard = new PageGuard(page);
    this.#desk = new PageDesk({ ...options, ended: (secrets) => this.#live.end(secrets) });
    const { sessions } = this.#desk;
    this.#live = new PageLive({
      ...options,
      find: (secret) => sessions.find(secret, nowMs()),
      used: (secret) => sessions.used(secret, nowMs()),
      acted: (role, from, what) => note({ code: 'pageActed', level: 'notice', role, from, what }),
      refused,
    });
    this.#listeners = new PageListeners({
      ...options,
      newServer: () => this.#server(),
      onOpened: (address) => this.#guard.allow(address),
      onLeft: (address) => this.#left(address),
      onMoving: (from, to) => this.#live.moving(from, to),
    });
    this.#watch = setInterval(() => this.#desk.tick(), SESSIONS_EVERY_MS).unref();
  }

  get places(): readonly string[] {
    return this.#listeners.places;
  }

  async listen(): Promise<void> {
    await this.#listeners.open();
  }

  noted(timed: TimedNote): void {
    if (timed.note.code === 'passwordResetAsked') this.#desk.forgetPasswords();
    // A step may have been an address of a LAN port.
    if (timed.note.code === 'stepDone') this.#listeners.look();
    this.#live.noted(timed);
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#live.close();
    for (const connection of this.#connections) connection.destroy();
    await this.#listeners.close();
  }

  /** What is still connected there hears nothing of us any more, nor we of it. */
  #left(address: string): void {
    this.#guard.forbid(address);
    for (const connection of this.#connections) {
      if (connection.localAddress === address) connection.destroy();
    }
  }

  #server(): Server {
    const { headersWaitMs = HEADERS_WAIT_MS } = this.#options;
    const server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: headersWaitMs,
        requestTimeout: REQUEST_WAIT_MS,
        keepAliveTimeout: headersWaitMs,
        connectionsCheckingInterval: headersWaitMs,
      },
      (request, response) => {
        // Whatever goes wrong here ends this one connection, never the agent.
        this.#serve(request, response).catch(() => response.destroy());
      },
    );
    server.maxHeadersCount = HEADERS_MAX;
    server.on('connection', (connection) => this.#connected(connection));
    server.on('upgrade', (request, connection, head) => this.#upgrade(request, connection, head));
    return server;
  }

  #connected(connection: Socket): void {
    if (this.#connections.size >= CONNECTIONS_MAX) {
      this.#options.refused('EPAGE_CONNECTIONS');
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    connection.on('close', () => this.#connections.delete(connection));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers, url = '' } = request;
    const refused = this.#guard.refusal(method, headers);
    if (refused !== undefined) return this.#refuse(response, refused);
    if (method === 'POST') {
      if (!isPageAct(url)) return this.#refuse(response, NO_PATH);
      const foreign = this.#guard.actRefusal(headers);
      if (foreign !== undefined) return this.#refuse(response, foreign);
      return this.#act(url, request, response);
    }
    const file = this.#files.get(url);
    if (file === undefined) return this.#refuse(response, NO_PATH);
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': file.contentType,
      'Content-Length': file.bytes.length,
    });
    response.end(method === 'HEAD' ? undefined : file.bytes);
  }

  #refuse(response: ServerResponse, { code, status }: PageRefusal): void {
    this.#options.refused(code);
    response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain', Connection: 'close' });
    response.end(`${code}\n`);
  }

  async #act(act: PageAct, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asker = { from: fromOf(request), secret: secretOf(request.headers) };
    const body = await bodyOf(request);
    const answer =
      body === undefined
        ? refusal(413, 'EPAGE_BODY')
        : await this.#desk.act(act, jsonOf(body), asker);
    if ('json' in answer && 'code' in answer.json) this.#options.refused(String(answer.json.code));
    await answered(response, answer);
  }

  #upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    connection.on('error', () => connection.destroy());
    const { method, headers, url } = request;
    const refused =
      this.#guard.upgradeRefusal(method, headers) ?? (url === '/live' ? undefined : NO_PATH);
    if (refused !== undefined) return this.#hangUp(connection, refused);
    const secret = secretOf(headers);
    const stage = this.#desk.stageOf(secret);
    const [protocol, ticket = ''] = (headers['sec-websocket-protocol'] ?? '').split(/, */);
    const isIn =
      secret !== undefined &&
      (stage === 'admin' || stage === 'viewer') &&
      protocol === LIVE_PROTOCOL &&
      this.#desk.sessions.takeTicket(secret, ticket, this.#options.nowMs());
    if (isIn)
      this.#live.join(
        { secret, from: fromOf(request), at: request.socket.localAddress },
        request,
        connection,
        head,
      );
    else this.#hangUp(connection, { code: 'EPAGE_LOGON', status: 401 });
  }

  #hangUp(connection: Duplex, refused: { readonly code: string; readonly status: number }): void {
    const { code, status } = refused;
    this.#options.refused(code);
    connection.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: ${code.length + 1}\r\n\r\n${code}\n`,
    );
  }
}

const NO_PATH = { code: 'EPAGE_PATH', status: 404 } as const;

/** Whose tries are counted together: an address, or all who come over the Unix socket. */
function fromOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'the Unix socket';
}

async function answered(response: ServerResponse, answer: PageAnswer): Promise<void> {
  const headers = { ...HEADERS, 'Content-Type': 'application/json', ...answer.headers };
  if ('json' in answer) {
    response.writeHead(answer.status, { ...headers, Connection: 'close' });
    response.end(`${JSON.stringify(answer.json)}\n`);
    return;
  }
  response.writeHead(answer.status, headers);
  // Whoever breaks off the download has it not; nobody else is concerned.
  await pipeline(Readable.from(answer.chunks), response).catch(() => undefined);
}
