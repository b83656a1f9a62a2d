/**
 * The control socket of a pty board: newline-delimited JSON over a Unix socket, one answer for each line.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { type BoardRequest, parseBoardRequest } from './board-control-request.ts';

/** A request fits on one screen line; more is a mistake. */
const LINE_BYTES_MAX = 4_096;
const CONNECTIONS_MAX = 16;

export interface BoardControlOptions {
  readonly path: string;
  /** Ports the board has. */
  readonly ports: readonly number[];
  /** Carries a request out and returns what the answer shall hold besides `ok`. */
  readonly carryOut: (request: BoardRequest) => Readonly<Record<string, unknown>>;
}

export interface BoardControl {
  close(): Promise<void>;
}

/** Another simulator answers on this control socket. */
export class ControlSocketInUse extends Error {
  override readonly name = 'ControlSocketInUse';
  readonly code = 'ECONTROL_IN_USE';
}

export async function listenForControl(options: BoardControlOptions): Promise<BoardControl> {
  if (await answers(options.path)) {
    throw new ControlSocketInUse(`${options.path} belongs to a simulator that is running`);
  }
  // What is left is the socket file of one that crashed.
  rmSync(options.path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    attend(socket, options);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listening(server, options.path);
  chmodSync(options.path, 0o600);
  return {
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function attend(socket: Socket, options: BoardControlOptions): void {
  let pending = '';
  socket.setEncoding('utf8');
  // A client that hangs up while it is answered is no concern of the board's.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    pending += chunk;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end).trim();
      pending = pending.slice(end + 1);
      if (line.length > LINE_BYTES_MAX) return refuseLine(socket);
      if (line !== '') socket.write(`${JSON.stringify(answer(line, options))}\n`);
    }
    if (pending.length > LINE_BYTES_MAX) refuseLine(socket);
  });
}

function answer(line: string, { ports, carryOut }: BoardControlOptions): object {
  const parsed = parseBoardRequest(line, ports);
  if (!parsed.ok) return { ok: false, error: parsed.refusal };
  return { ok: true, ...carryOut(parsed.request) };
}

function refuseLine(socket: Socket): void {
  const text = `a request has at most ${LINE_BYTES_MAX} bytes`;
  socket.removeAllListeners('data');
  socket.end(
    `${JSON.stringify({ ok: false, error: { code: 'ECONTROL_LENGTH', text, pointer: '' } })}\n`,
  );
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
