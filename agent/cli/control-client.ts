/**
 * Asks the agent over its control socket.
 */
import { connect, type Socket } from 'node:net';
import { BoundedLines } from '../diag/bounded-lines.ts';
import type { ControlAnswer } from '../diag/control-answer.ts';
import type { ControlRequest } from '../diag/control-protocol.ts';

/** The agent cannot be asked: not there, not allowed, or it does not answer. */
export class AgentUnreachable extends Error {
  override readonly name = 'AgentUnreachable';
}

/** A snapshot has some tens of kilobytes; an answer this long is none. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const ANSWER_WAIT_MS = 5_000;

export interface Conversation {
  /** The first answer to the request. */
  readonly first: Promise<ControlAnswer>;
  /** One more request, sent when the one before is answered. */
  ask(request: ControlRequest): Promise<ControlAnswer>;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Sends one request; `further` hears every note that comes by itself. */
export function converse(
  socketPath: string,
  request: ControlRequest,
  further: (answer: ControlAnswer) => void = () => undefined,
): Conversation {
  const socket = connect(socketPath);
  const lines = new BoundedLines(ANSWER_BYTES_MAX);
  const ended = Promise.withResolvers<void>();
  let waiting: PromiseWithResolvers<ControlAnswer> | undefined;
  const ask = async (one: ControlRequest): Promise<ControlAnswer> => {
    if (socket.destroyed) throw new AgentUnreachable('the agent has gone');
    waiting = Promise.withResolvers();
    socket.write(`${JSON.stringify(one)}\n`);
    return waiting.promise;
  };
  const fail = (error: Error): void => {
    waiting?.reject(error);
  };
  socket.setTimeout(ANSWER_WAIT_MS, () => {
    if (waiting !== undefined) socket.destroy(new AgentUnreachable('the agent does not answer'));
  });
  socket.on('data', (bytes) => {
    for (const answer of answersIn(lines, bytes, socket)) {
      if (waiting === undefined || 'note' in answer) further(answer);
      else {
        const { resolve } = waiting;
        waiting = undefined;
        resolve(answer);
      }
    }
  });
  socket.on('error', (error) => fail(unreachable(error, socketPath)));
  socket.on('close', () => {
    fail(new AgentUnreachable('the agent hung up without an answer'));
    ended.resolve();
  });
  return { first: ask(request), ask, ended: ended.promise, close: () => socket.destroy() };
}

function answersIn(lines: BoundedLines, bytes: Uint8Array, socket: Socket): ControlAnswer[] {
  const complete = lines.push(bytes);
  try {
    if (complete !== undefined) return complete.map((line) => JSON.parse(line) as ControlAnswer);
  } catch {
    // Falls through: whoever answers there is not the agent.
  }
  socket.destroy(new AgentUnreachable('what answers there is not the agent'));
  return [];
}

function unreachable(error: NodeJS.ErrnoException, path: string): AgentUnreachable {
  if (error instanceof AgentUnreachable) return error;
  switch (error.code) {
    case 'ENOENT':
      return new AgentUnreachable(`there is no socket at ${path}; does the agent run?`);
    case 'ECONNREFUSED':
      return new AgentUnreachable(`nobody answers at ${path}; the agent does not run`);
    case 'EACCES':
    case 'EPERM':
      return new AgentUnreachable(`you may not use ${path}; join the agent's group or use sudo`);
    default:
      return new AgentUnreachable(`${path} cannot be used (${error.code ?? error.message})`);
  }
}
