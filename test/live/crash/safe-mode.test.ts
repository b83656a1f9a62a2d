/** The real agent crashes on a poisoned event in its store at each start: safe mode makes it reachable again (F-30). */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OUTBOX_SHELF } from '../../../agent/access/outbox.ts';
import { SqliteStore } from '../../../agent/adapters/store/sqlite-store.ts';
import { readStoreFile } from '../../../agent/adapters/store/sqlite-store-file.ts';
import { converse } from '../../../agent/cli/control-client.ts';
import { SET_ASIDE_SHELF } from '../../../agent/contract/set-aside.ts';
import { EXIT } from '../../../agent/main-arguments.ts';
import type { SagEvent } from '../../../agent/model/sag-event.ts';
import type { AgentSnapshot } from '../../../agent/model/snapshot.ts';
import { CRASHES_MAX } from '../../../agent/state/safe-mode.ts';
import { CrashRoom } from '../../crash/room.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';

const EVENT: SagEvent = {
  id: 'POISON-1',
  bootId: 'POISON',
  seq: 1,
  name: 'DeviceHacked',
  atMs: 1,
  wallMs: 1,
  content: {},
};
const POISON = { key: EVENT.id, value: JSON.stringify(EVENT) };
/** Against a hang only. */
const HANG_MS = 60_000;
const LOOK_MS = 50;

const missing = netnsMissing();
let room: CrashRoom;
beforeEach(async () => {
  if (missing !== undefined) return;
  room = await CrashRoom.open(mkdtempSync(join(tmpdir(), 'sag-safe-mode-')));
});
afterEach(() => room?.close());

async function endOf(agent: ChildProcess): Promise<number | null> {
  if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit');
  return agent.exitCode;
}

/** Asks over the control socket until the agent says that its gateway has it. */
async function registered(): Promise<AgentSnapshot> {
  return answering(({ registration }) => registration.state === 'registered');
}

async function answering(isSo = (_of: AgentSnapshot): boolean => true): Promise<AgentSnapshot> {
  const untilMs = performance.now() + HANG_MS;
  while (performance.now() < untilMs) {
    const snapshot = await askedOnce();
    if (snapshot !== undefined && isSo(snapshot)) return snapshot;
    await sleep(LOOK_MS);
  }
  throw new Error(`not reachable:\n${readFileSync(room.logFile, 'utf8').slice(-2_000)}`);
}

async function askedOnce(): Promise<AgentSnapshot | undefined> {
  const conversation = converse(room.controlSocket, { id: 1, op: 'snapshot' });
  try {
    const answer = await conversation.first;
    return 'snapshot' in answer ? answer.snapshot : undefined;
  } catch {
    return undefined;
  } finally {
    conversation.close();
  }
}

function recordsOn(shelf: string): readonly unknown[] {
  const records = readStoreFile(room.stateDirectory) ?? [];
  return records.flatMap(({ key, value, shelf: its }) => (its === shelf ? [{ key, value }] : []));
}

test('an agent that crashes on what its store holds is reachable again after three crashes, and loses nothing', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) return ctx.skip(missing);
  const { stateDirectory } = room;
  const store = new SqliteStore({
    directory: stateDirectory,
    onQuarantine: () => undefined,
    onVolatile: () => undefined,
  });
  await store.put(OUTBOX_SHELF, POISON.key, POISON.value);
  await store.close();
  room.startGateway();
  const main = new URL('poisoned-agent.ts', import.meta.url).pathname;
  const ends: (number | null)[] = [];
  for (let start = 0; start < CRASHES_MAX; start += 1)
    ends.push(await endOf(room.startAgent(main)));
  expect(ends).toEqual([EXIT.internal, EXIT.internal, EXIT.internal]);
  const agent = room.startAgent(main);
  const { desired } = await registered();
  expect(desired.safeMode).toMatchObject({
    mode: 'safe',
    crashes: CRASHES_MAX,
    setAside: { events: 1, commands: 0, documents: 0 },
  });
  agent.kill('SIGTERM');
  expect(await endOf(agent)).toBe(EXIT.fine);
  const { key, value } = POISON;
  expect(recordsOn(SET_ASIDE_SHELF)).toEqual([{ key: `${OUTBOX_SHELF}/${key}`, value }]);
}, 120_000);

test('an agent that is killed three times in a row, by whatever, starts in safe mode; a power cut is no crash', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) return ctx.skip(missing);
  const killed = async (): Promise<void> => {
    const agent = room.startAgent();
    await answering();
    agent.kill('SIGKILL');
    await endOf(agent);
  };
  await killed();
  room.emptyRunDirectory();
  for (let count = 0; count < CRASHES_MAX; count += 1) await killed();
  const agent = room.startAgent();
  const { desired } = await answering();
  expect(desired.safeMode).toMatchObject({ mode: 'safe', crashes: CRASHES_MAX });
  agent.kill('SIGTERM');
  expect(await endOf(agent)).toBe(EXIT.fine);
}, 120_000);
