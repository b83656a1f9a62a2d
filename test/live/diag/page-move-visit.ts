/**
 * Runs in a network namespace: somebody is logged on at the page while the LAN port gets another address, and back.
 * Prints what they were given.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import type { WebSocket } from 'ws';
import type { TimedNote } from '../../../agent/model/snapshot.ts';
import { PageVisitor } from './page-visitor.ts';

const [OLD, NEW, PORT] = ['192.168.10.1', '192.168.30.1', 8080];
/** An opened server is asked again and again until it answers; only against hanging for ever. */
const TRIES_MAX = 200;

function address(verb: 'add' | 'del', text: string): void {
  execFileSync('ip', ['address', verb, `${text}/24`, 'dev', 'lan0']);
}

async function statusAt(host: string, name = host): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { host: `${name}:${PORT}` };
    const asked = request({ host, port: PORT, path: '/', headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });
}

async function answering(host: string): Promise<number | string> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const status = await statusAt(host);
    if (status === 200) return status;
  }
  return 'it never did';
}

/** What the agent tells after each step. */
const STEP: TimedNote = {
  atMs: 1,
  wallMs: 1,
  note: { code: 'stepDone', level: 'info', step: 'Give LAN port lan0 the address.' },
};

async function told(live: WebSocket, type: string): Promise<unknown> {
  for (;;) {
    const [data]: readonly unknown[] = await once(live, 'message');
    const message = JSON.parse(String(data)) as { readonly type: string };
    if (message.type === type) return message;
  }
}

const visitor = new PageVisitor();
const page = { address: OLD, port: PORT, hosts: [] };
visitor.address = OLD;
visitor.port = PORT;
const lanPorts = [{ id: 'lan0', deviceName: 'lan0', address: `${OLD}/24` }];
visitor.doors = await visitor.room.open({ page, lanPorts }, undefined, { nowMs: () => 1 });
const before = await answering(OLD);
const live = visitor.live(await visitor.enter('/password'));
await once(live, 'open');

address('add', NEW);
const moving = told(live, 'moving');
visitor.doors.noted(STEP);
const both = [await answering(NEW), await statusAt(OLD)];
const notice = await moving;

address('del', OLD);
visitor.doors.noted(STEP);
const moved = [await statusAt(NEW), await statusAt(NEW, OLD)];

address('add', OLD);
address('del', NEW);
visitor.doors.noted(STEP);
const back = [await answering(OLD), await statusAt(OLD, NEW)];
// The box has given up the connection of then; it could not say so before the address was there again.
live.on('error', () => undefined);
const ended = once(live, 'close');
live.ping();
await ended;

await visitor.clear();
// The agent still tells of its last steps.
visitor.doors.noted(STEP);
const after = await statusAt(OLD);
process.stdout.write(JSON.stringify({ before, both, notice, moved, back, after }));
process.exit(0);
