/**
 * The page over real HTTP and WebSocket connections.
 */
import { request } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { A_NOTE, crowd, DoorsRoom } from './doors-room.ts';

let room: DoorsRoom;
beforeEach(() => {
  room = new DoorsRoom();
});
afterEach(async () => room.clear());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function get(
  path: string,
  headers: Record<string, string> = { host: 'page.test' },
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: room.pagePath, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

function live(origin = 'http://page.test', host = 'page.test'): WebSocket {
  return new WebSocket(`ws+unix://${room.pagePath}:/live`, { origin, headers: { host } });
}

/** The status a refused upgrade was answered with. */
async function refusedWith(socket: WebSocket): Promise<number | undefined> {
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode);
      response.destroy();
    });
    socket.on('open', () => resolve(101));
    socket.on('error', () => undefined);
  });
}

async function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('close', resolve);
    socket.on('error', () => undefined);
  });
}

describe('the page', () => {
  it('is four files under 40 kB that load nothing from elsewhere', async () => {
    await room.openPage();
    const files = await Promise.all(
      ['/', '/page.css', '/page.js', '/panel.js'].map(async (path) => get(path)),
    );
    expect(files.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const all = files.map(({ body }) => body).join('');
    expect(all.length).toBeLessThan(40 * 1024);
    expect(all.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\/[a-z]/);
    expect(all).not.toContain('innerHTML');
    for (const { headers } of files) {
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('is also at a TCP address, where one is configured', async () => {
    await room.open({ page: { address: '127.0.0.1', port: await freePort(), hosts: [] } });
    const where = room.noted.find(({ door }) => door === 'page');
    const url = where?.code === 'doorOpened' ? where.where : '';
    expect((await fetch(url)).status).toBe(200);
  });

  it('does not answer to foreign names, methods and paths', async () => {
    await room.openPage();
    expect((await get('/', { host: 'evil.example' })).status).toBe(421);
    expect((await get('/', { host: 'page.test' }, 'POST')).status).toBe(405);
    expect((await get('/../../package.json')).status).toBe(404);
    expect((await get('/%2e%2e/page-state.ts')).status).toBe(404);
    expect((await get('/', { host: 'page.test', x: 'y'.repeat(9_000) })).status).toBe(431);
  });

  it('opens no WebSocket to another origin, another name or another path', async () => {
    await room.openPage();
    expect(await refusedWith(live('http://evil.example'))).toBe(403);
    expect(await refusedWith(live('http://evil.example', 'evil.example'))).toBe(421);
    const bare = new WebSocket(`ws+unix://${room.pagePath}:/live`, {
      headers: { host: 'page.test' },
    });
    expect(await refusedWith(bare)).toBe(403);
    const elsewhere = new WebSocket(`ws+unix://${room.pagePath}:/other`, {
      origin: 'http://page.test',
      headers: { host: 'page.test' },
    });
    expect(await refusedWith(elsewhere)).toBe(404);
  });

  it('shows the full state at once and every note as it comes', async () => {
    const opened = await room.openPage();
    const socket = live();
    const heard: { type: string; notes?: { sentence: string }[] }[] = [];
    await new Promise<void>((resolve) => {
      socket.on('message', (bytes: Buffer) => {
        heard.push(JSON.parse(bytes.toString()) as (typeof heard)[number]);
        if (heard.length === 2) opened.noted(A_NOTE);
        if (heard.some(({ notes }) => notes?.[0]?.sentence.includes('wan2 is down') === true)) {
          resolve();
        }
      });
    });
    expect(heard.slice(0, 2).map(({ type }) => type)).toEqual(['notes', 'state']);
    expect(socket.extensions).toBe('');
    socket.terminate();
  });

  it('hangs up on whoever speaks, and on a message that is too large', async () => {
    await room.openPage();
    const chatty = live();
    chatty.on('open', () => chatty.send('hello'));
    expect(await closeCode(chatty)).toBe(1008);
    const huge = live();
    huge.on('open', () => huge.send('x'.repeat(65 * 1024)));
    expect(await closeCode(huge)).toBe(1009);
  });

  it('takes 64 connections and no more', async () => {
    await room.openPage();
    const leave = await crowd(room.pagePath, 64);
    await expect(get('/')).rejects.toThrow(/hang up|ECONNRESET/);
    leave();
  });
});

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
