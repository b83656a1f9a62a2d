/**
 * The local page: static files over HTTP, and the live state over a WebSocket. Read-only.
 *
 * A page that connects gets the full state and the newest notes at once, then at most five states a second and
 * every note as it comes. What a browser sends is ignored and bounded; connections, headers, messages and
 * unsent bytes are bounded too, so that nobody on the LAN can slow the agent down through this door.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type PageMessage, pageNoteOf, pageNotesOf, pageStateOf } from '../diag/page-state.ts';
import type { PageConfig } from '../model/config.ts';
import type { AgentSnapshot, TimedNote } from '../model/snapshot.ts';
import { doorClosed, listenAtPath } from './control-socket-claim.ts';
import { type PageFile, readPageFiles } from './page-server-files.ts';
import { PageGuard, type PageRefusal } from './page-server-guard.ts';

export interface PageServerOptions {
  readonly page: PageConfig;
  readonly snapshot: () => Promise<AgentSnapshot>;
  /** Told each time a request was turned away. */
  readonly refused: (code: PageRefusal['code'] | 'EPAGE_CONNECTIONS' | 'EPAGE_MESSAGE') => void;
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
const MESSAGE_BYTES_MAX = 64 * 1024;
/** A page that lets this much lie unread is cut off. */
const UNSENT_BYTES_MAX = 512 * 1024;
/** Rest between two states: five a second at most, two when nothing is noted. */
const STATE_PAUSE_MIN_MS = 200;
const STATE_PAUSE_MS = 500;
/** A page that has vanished without a word is noticed within two of these. */
const PING_EVERY_MS = 15_000;

/** Scripts and styles come from here only, nothing may frame the page, nothing is remembered. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
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
  readonly places: string[] = [];
  readonly #options: PageServerOptions;
  readonly #guard: PageGuard;
  readonly #files: ReadonlyMap<string, PageFile> = readPageFiles();
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Duplex>();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  readonly #answered = new WeakSet<WebSocket>();
  readonly #pings: NodeJS.Timeout;
  #next: NodeJS.Timeout | undefined;
  #lastStateAtMs = 0;
  #asking = false;
  #closed = false;

  constructor(options: PageServerOptions) {
    this.#options = options;
    this.#guard = new PageGuard(options.page);
    this.#pings = setInterval(() => this.#pingAll(), PING_EVERY_MS).unref();
  }

  async listen(): Promise<void> {
    const { address, port, unixSocket } = this.#options.page;
    if (address !== undefined && port !== undefined) {
      await listenAtAddress(this.#server(), address, port);
      this.places.push(`http://${address.includes(':') ? `[${address}]` : address}:${port}/`);
    }
    if (unixSocket !== undefined) {
      await listenAtPath(this.#server(), unixSocket);
      this.places.push(unixSocket);
    }
  }

  noted(timed: TimedNote): void {
    this.#sendAll({ type: 'notes', notes: [pageNoteOf(timed)] });
    this.#schedule(STATE_PAUSE_MIN_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#pings);
    clearTimeout(this.#next);
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(
      this.#servers.map(
        async (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
          }),
      ),
    );
  }

  #server(): Server {
    const server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: HEADERS_WAIT_MS,
        requestTimeout: REQUEST_WAIT_MS,
        keepAliveTimeout: HEADERS_WAIT_MS,
        connectionsCheckingInterval: HEADERS_WAIT_MS,
      },
      (request, response) => this.#serve(request, response),
    );
    server.maxHeadersCount = HEADERS_MAX;
    server.on('connection', (connection) => this.#connected(connection));
    server.on('upgrade', (request, connection, head) => this.#upgrade(request, connection, head));
    this.#servers.push(server);
    return server;
  }

  #connected(connection: Duplex): void {
    if (this.#connections.size >= CONNECTIONS_MAX) {
      this.#options.refused('EPAGE_CONNECTIONS');
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    connection.on('close', () => this.#connections.delete(connection));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const refused = this.#guard.refusal(request.method, request.headers);
    const file = this.#files.get(request.url ?? '');
    if (refused !== undefined || file === undefined) {
      const { code, status } = refused ?? ({ code: 'EPAGE_PATH', status: 404 } as const);
      if (refused !== undefined) this.#options.refused(code);
      response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain', Connection: 'close' });
      response.end(`${code}\n`);
      return;
    }
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': file.contentType,
      'Content-Length': file.bytes.length,
    });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  }

  #upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    connection.on('error', () => connection.destroy());
    const refused =
      this.#guard.upgradeRefusal(request.method, request.headers) ??
      (request.url === '/live' ? undefined : ({ code: 'EPAGE_PATH', status: 404 } as const));
    if (refused !== undefined) {
      this.#options.refused(refused.code);
      const { code, status } = refused;
      connection.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: ${code.length + 1}\r\n\r\n${code}\n`,
      );
      return;
    }
    this.#sockets.handleUpgrade(request, connection, head, (socket) => this.#joined(socket));
  }

  #joined(socket: WebSocket): void {
    socket.on('error', () => this.#options.refused('EPAGE_MESSAGE'));
    // The page only listens; whoever speaks is no page of ours.
    socket.on('message', () => {
      this.#options.refused('EPAGE_MESSAGE');
      socket.close(1008, 'EPAGE_MESSAGE');
    });
    socket.on('pong', () => this.#answered.add(socket));
    this.#answered.add(socket);
    void this.#show([socket], true);
    this.#schedule(STATE_PAUSE_MS);
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
    let snapshot: AgentSnapshot;
    try {
      snapshot = await this.#options.snapshot();
    } catch {
      // The agent did not answer; the page says by itself that what it shows grows old.
      return;
    }
    const texts = [
      ...(withNotes ? [text({ type: 'notes', notes: pageNotesOf(snapshot) })] : []),
      text({ type: 'state', state: pageStateOf(snapshot) }),
    ];
    for (const socket of sockets) for (const each of texts) send(socket, each);
  }

  #sendAll(message: PageMessage): void {
    const shown = text(message);
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

function text(message: PageMessage): string {
  return JSON.stringify(message);
}

function send(socket: WebSocket, shown: string): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > UNSENT_BYTES_MAX) socket.terminate();
  else socket.send(shown);
}

async function listenAtAddress(server: Server, address: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
