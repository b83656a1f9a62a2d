/**
 * Visits the page as a browser would, or as nobody should: real HTTP and WebSocket connections to a loopback address.
 */
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import type { DiagDoors, DiagDoorsOptions } from '../../../agent/adapters/diag/diag-doors.ts';
import { DoorsRoom } from './doors-room.ts';

export const PASSWORD = 'a plain passphrase';
export const VIEWER_PASSWORD = 'only looking here';

export interface Visit {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly cookie?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface LoggedOn {
  readonly cookie: string;
  readonly ticket: string;
}

export class PageVisitor {
  readonly room = new DoorsRoom();
  /** Of the sessions; it stands until a test moves it. */
  nowMs = 1_000;
  address = '127.0.0.1';
  port = 0;
  doors: DiagDoors | undefined;

  get host(): string {
    return `${this.address}:${this.port}`;
  }

  get origin(): string {
    return `http://${this.host}`;
  }

  async open(more: Partial<DiagDoorsOptions> = {}): Promise<this> {
    this.port = await freePort();
    const page = { address: this.address, port: this.port, hosts: [] };
    this.doors = await this.room.open({ page }, undefined, { nowMs: () => this.nowMs, ...more });
    return this;
  }

  async visit({ method = 'GET', path, headers = {}, body, cookie }: Visit): Promise<Answer> {
    const all = { host: this.host, ...(cookie !== undefined && { cookie }), ...headers };
    return new Promise((resolve, reject) => {
      const options = { host: this.address, port: this.port, path, method, headers: all };
      const asked = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode = 0, headers: told } = response;
          resolve({ status: statusCode, headers: told, body: Buffer.concat(chunks) });
        });
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  /** As the page's own script does it. */
  async post(path: string, body: unknown, cookie?: string): Promise<Answer> {
    const headers = { origin: this.origin, 'content-type': 'application/json' };
    const visit = { method: 'POST', path, headers, body: JSON.stringify(body) };
    return this.visit(cookie === undefined ? visit : { ...visit, cookie });
  }

  /** Sets the first password, or logs on with it. */
  async enter(
    path: '/password' | '/logon',
    role = 'admin',
    password = PASSWORD,
  ): Promise<LoggedOn> {
    return loggedOn(await this.post(path, { role, password }));
  }

  live(comer: Partial<LoggedOn>, options: ClientOptions = {}, path = '/live'): WebSocket {
    const { cookie, ticket } = comer;
    return new WebSocket(
      `ws://${this.host}${path}`,
      ['sag-live', ...(ticket === undefined ? [] : [ticket])],
      {
        origin: this.origin,
        ...options,
        headers: { ...(cookie !== undefined && { cookie }), ...options.headers },
      },
    );
  }

  async ticket(cookie: string): Promise<LoggedOn> {
    const { ticket } = JSON.parse((await this.post('/session', {}, cookie)).body.toString()) as {
      readonly ticket: string;
    };
    return { cookie, ticket };
  }

  async clear(): Promise<void> {
    await this.room.clear();
  }
}

function loggedOn({ headers, body }: Answer): LoggedOn {
  const [cookie = ''] = headers['set-cookie']?.[0]?.split(';') ?? [];
  const { ticket = '' } = JSON.parse(body.toString()) as { readonly ticket?: string };
  return { cookie, ticket };
}

/** The status a refused upgrade was answered with, or the code an open one was closed with. */
export async function endOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('close', resolve);
    socket.on('error', () => undefined);
  });
}

/** A port the kernel has just given and taken back. */
async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
