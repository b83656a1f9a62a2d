/** The real agent on its first start: whoever stands at its doors is answered, before and after it has a certificate. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { converse } from '../../../agent/cli/control-client.ts';
import { runSagctl } from '../../../agent/cli/run-sagctl.ts';
import { EXIT } from '../../../agent/cli/terminal.ts';
import type { AgentConfig } from '../../../agent/model/config.ts';
import type { AgentSnapshot } from '../../../agent/model/snapshot.ts';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';
import { killed, startAgent, until } from './agent-process.ts';
import { FACTORY_KEY, openRoom, type Room, SERIAL_NUMBER } from './room.ts';

const WAN = { address: '10.93.1.2', gateway: '10.93.1.1' };

const missing = netnsMissing();
let netns: ScratchNetns;
let room: Room;
let agent: ChildProcess | undefined;

beforeEach(async () => {
  if (missing !== undefined) return;
  netns = scratchNetns();
  netns.ipBatch([
    'link set lo up',
    'link add wan1 type veth peer name wan1-far',
    'link set wan1-far up',
    `address add ${WAN.address}/24 dev wan1`,
    'link set wan1 up',
  ]);
  room = await openRoom({}, netns.path);
});
afterEach(async () => {
  await killed(agent);
  await room?.close();
  netns?.remove();
});

/** As a technician runs it; answers with what was printed, and the exit code. */
async function sagctl(socket: string, ...words: string[]): Promise<readonly [string, number]> {
  let printed = '';
  const code = await runSagctl([...words, '--socket', socket], {
    out: (text) => {
      printed += text;
    },
    err: (text) => {
      printed += text;
    },
    colour: false,
    stop: new AbortController().signal,
  });
  return [printed, code];
}

it('tells a technician what the enrolment waits for, and goes on answering through the same door afterwards', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) return ctx.skip(missing);
  room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
  const { config: given } = await room.device('box', FACTORY_KEY);
  const path = `${given.board.path}-later`;
  const uplink = {
    id: 'wan1',
    kind: 'wired',
    deviceName: 'wan1',
    priority: 1,
    weight: 100,
  } as const;
  const uplinks = [{ ...uplink, use: 'data', gateway: WAN.gateway }] as const;
  const config: AgentConfig = { ...given, board: { ...given.board, path }, uplinks };
  const { controlSocket: socket } = config;
  agent = await startAgent(config, room.scratch, netns.path);

  const [status, code] = await sagctl(socket, 'status');
  expect(status).toContain('enrolling for a certificate, waiting for the board to say who this');
  expect(code).toBe(EXIT.attention);
  const bundle = join(room.scratch, 'bundle.tar.gz');
  const looks = [['check'], ['board'], ['links'], ['notes'], ['bundle', '--output', bundle]];
  const seen = await Promise.all(looks.map(async (words) => sagctl(socket, ...words)));
  for (const [printed, ended] of seen) {
    expect(printed).not.toBe('');
    expect([EXIT.unreachable, EXIT.usage]).not.toContain(ended);
  }
  expect(existsSync(bundle)).toBe(true);

  // Somebody looks on while the device becomes somebody.
  const onlooker = converse(socket, { id: 1, op: 'snapshot' });
  await onlooker.first;
  const look = async (): Promise<AgentSnapshot | undefined> => {
    const answer = await onlooker.ask({ id: 2, op: 'snapshot' });
    return 'snapshot' in answer ? answer.snapshot : undefined;
  };
  symlinkSync(given.board.path, path);
  await until(async () => {
    const snapshot = await look();
    return (
      snapshot !== undefined && snapshot.enrolment === undefined && snapshot.board.state === 'up'
    );
  });
  onlooker.close();
}, 120_000);
