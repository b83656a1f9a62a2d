/**
 * Asks the running agent for its snapshot over its control socket, as `sagctl` does.
 */
import { connect } from 'node:net';
import type { ControlAnswer, ControlRequest } from '../../agent/diag/control-protocol.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';

/** An agent that does not answer by now is starting, ending or stuck: the caller asks again or gives up. */
const ANSWER_MS_MAX = 1_000;
const REQUEST: ControlRequest = { id: 1, op: 'snapshot' };

/** Undefined while nobody answers. */
export async function agentSnapshot(controlSocket: string): Promise<AgentSnapshot | undefined> {
  const line = await firstLine(controlSocket, `${JSON.stringify(REQUEST)}\n`);
  if (line === undefined) return undefined;
  const answer = JSON.parse(line) as ControlAnswer;
  return answer.ok && 'snapshot' in answer ? answer.snapshot : undefined;
}

async function firstLine(path: string, request: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy());
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end === -1) return;
      resolve(text.slice(0, end));
      socket.destroy();
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
  });
}
