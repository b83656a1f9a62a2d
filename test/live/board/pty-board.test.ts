/** The real serial library on a real pseudo terminal, against the simulated board. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import type { LineNote } from '../../../firmware-shim/line/line-note.ts';
import { openBoard } from '../../../firmware-shim/open-board.ts';
import type { Board, BoardEvent } from '../../../firmware-shim/ports.ts';
import { type PtyBoard, startPtyBoard } from '../../../sim/live/pty-board.ts';

interface Host {
  readonly board: Board;
  readonly events: BoardEvent[];
  readonly notes: LineNote[];
}

let directory: string;
let linkPath: string;
let controlSocket: string;
let pty: PtyBoard | undefined;
const hosts: Host[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sag-board-'));
  linkPath = join(directory, 'mcu');
  controlSocket = join(directory, 'control');
});

afterEach(async () => {
  for (const { board } of hosts.splice(0)) board.close();
  await pty?.close();
  pty = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function startBoard(): Promise<PtyBoard> {
  pty = await startPtyBoard({
    linkPath,
    controlSocket,
    model: 'sag-1000',
    serialNumber: 'SAG1000-0001',
    seed: 1,
  });
  return pty;
}

function openHost(path = linkPath): Host {
  const events: BoardEvent[] = [];
  const notes: LineNote[] = [];
  const board = openBoard({
    path,
    baudRate: 115_200,
    random: new SeededRandom(1),
    onEvent: (event) => events.push(event),
    onNote: (note) => notes.push(note),
  });
  const host = { board, events, notes };
  hosts.push(host);
  return host;
}

/** Resolves once `holds` does; the runner's own time limit is the only clock. */
async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(() => setTimeout(resolve, 2)));
}

function count(host: Host, type: BoardEvent['type']): number {
  return host.events.filter((event) => event.type === type).length;
}

function carrier(host: Host, port: number): boolean | undefined {
  const last = host.events.findLast(
    (event) =>
      event.type === 'boardReported' &&
      event.report.kind === 'portCarrier' &&
      event.report.port === port,
  );
  return last?.type === 'boardReported' && last.report.kind === 'portCarrier'
    ? last.report.carrier
    : undefined;
}

function ask(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(controlSocket);
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (answer.includes('\n')) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(`${request}\n`);
  });
}

describe('the board on a pty', () => {
  it('says hello, tells its whole state, and tells a pulled cable', async () => {
    const board = await startBoard();
    const host = openHost();
    await eventually(() => carrier(host, 6) === true);
    expect(host.events[0]).toMatchObject({
      type: 'boardUp',
      hello: { model: 'sag-1000', serialNumber: 'SAG1000-0001' },
    });
    board.pull(5);
    await eventually(() => carrier(host, 5) === false);
    board.plug(5);
    await eventually(() => carrier(host, 5) === true);
  });

  it('survives garbage in between', async () => {
    const board = await startBoard();
    const host = openHost();
    await eventually(() => carrier(host, 6) === true);
    for (let burst = 0; burst < 20; burst += 1) {
      board.garbage(500);
      board.act({ do: burst % 2 === 0 ? 'pull' : 'plug', port: 6 });
      const expected = burst % 2 === 1;
      await eventually(() => carrier(host, 6) === expected);
    }
    expect(count(host, 'boardLost')).toBe(0);
  });

  it('sets an LED and says when it has none of that name', async () => {
    const board = await startBoard();
    const host = openHost();
    await eventually(() => carrier(host, 6) === true);
    const cloud = host.board.command({ kind: 'ledSet', led: 'CLOUD', mode: 'blink' });
    const wifi = host.board.command({ kind: 'ledSet', led: 'WIFI', mode: 'on' });
    await eventually(() => count(host, 'boardCommandDone') === 2);
    expect(host.events.slice(-2)).toEqual([
      { type: 'boardCommandDone', id: cloud, ok: true },
      { type: 'boardCommandDone', id: wifi, ok: false, code: 'EMCU_UNSUPPORTED' },
    ]);
    expect(board.state().leds).toMatchObject({ CLOUD: 'blink' });
  });

  it('comes back after an MCU reboot with another boot epoch', async () => {
    const board = await startBoard();
    const host = openHost();
    await eventually(() => carrier(host, 6) === true);
    board.reboot();
    const id = host.board.command({ kind: 'ledSet', led: 'CLOUD', mode: 'on' });
    await eventually(() => count(host, 'boardUp') === 2);
    const done = { type: 'boardCommandDone', id, ok: false, code: 'EMCU_REBOOT' };
    expect(host.events).toContainEqual(done);
    expect(host.events).toContainEqual({ type: 'boardLost', why: 'mcu-reboot' });
    expect(board.state().leds).toMatchObject({ CLOUD: 'off' });
  });

  it.each(['idle', 'receiving', 'sending'])(
    'gone while %s is lost, and found again',
    async (how) => {
      const board = await startBoard();
      const host = openHost();
      await eventually(() => carrier(host, 6) === true);
      if (how === 'receiving') for (let burst = 0; burst < 50; burst += 1) board.garbage(2_000);
      if (how === 'sending') host.board.command({ kind: 'ledSet', led: 'CLOUD', mode: 'on' });
      board.unplug();
      await eventually(() => count(host, 'boardLost') === 1);
      expect(host.events).toContainEqual({ type: 'boardLost', why: 'unplugged' });
      board.replug();
      await eventually(() => count(host, 'boardUp') === 2);
    },
  );

  it('lets one host in and tells the second that the port is in use', async () => {
    await startBoard();
    const first = openHost();
    await eventually(() => count(first, 'boardUp') === 1);
    const second = openHost();
    await eventually(() => count(second, 'boardLost') === 1);
    expect(second.notes).toContainEqual(
      expect.objectContaining({ code: 'portClosed', reason: 'ESERIAL_LOCKED' }),
    );
  });
});

describe('a serial path that cannot be used', () => {
  async function reasonOf(path: string): Promise<string | undefined> {
    const host = openHost(path);
    await eventually(() => count(host, 'boardLost') === 1);
    const note = host.notes.find(({ code }) => code === 'portClosed');
    return note?.code === 'portClosed' ? note.reason : undefined;
  }

  it('is missing', async () => {
    expect(await reasonOf(join(directory, 'nothing'))).toBe('ESERIAL_MISSING');
  });

  it('dangles', async () => {
    symlinkSync('/dev/pts/none', linkPath);
    expect(await reasonOf(linkPath)).toBe('ESERIAL_MISSING');
  });

  it('is an ordinary file', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, 'text');
    expect(await reasonOf(path)).toBe('ESERIAL_NOT_A_TTY');
  });

  it('is a device but no terminal', async () => {
    expect(await reasonOf('/dev/null')).toBe('ESERIAL_NOT_A_TTY');
  });

  it('is not for this user', async (ctx) => {
    if (process.geteuid?.() !== 0) return ctx.skip('only root can become somebody else');
    process.seteuid?.('nobody');
    try {
      expect(await reasonOf(linkPath)).toBe('ESERIAL_PERMISSION');
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe('the control socket', () => {
  it('carries out a request and answers with the state', async () => {
    const board = await startBoard();
    expect(JSON.parse(await ask('{"do":"pull","port":5}'))).toMatchObject({
      ok: true,
      state: { ports: expect.arrayContaining([{ port: 5, role: 'WAN', carrier: false }]) },
    });
    expect(board.state().ports).toContainEqual({ port: 5, role: 'WAN', carrier: false });
  });

  it('takes the adapter away and puts it back', async () => {
    await startBoard();
    expect(JSON.parse(await ask('{"do":"unplug"}'))).toMatchObject({ state: { slavePath: null } });
    expect(JSON.parse(await ask('{"do":"replug"}'))).toMatchObject({
      state: { slavePath: expect.stringMatching(/^\/dev\/pts\//) },
    });
  });

  it('refuses what it does not understand and goes on', async () => {
    await startBoard();
    expect(await ask('pull 5')).toContain('ECONTROL_JSON');
    expect(await ask('{"do":"explode"}')).toContain('ECONTROL_VERB');
    expect(await ask(`{"do":"state","x":"${'y'.repeat(5_000)}"}`)).toContain('ECONTROL_LENGTH');
    expect(await ask('{"do":"state"}')).toContain('"ok":true');
  });

  it('is not taken from a simulator that is running', async () => {
    await startBoard();
    const second = startPtyBoard({
      linkPath: join(directory, 'other'),
      controlSocket,
      model: 'sag-1000',
      serialNumber: 'SAG1000-0002',
    });
    await expect(second).rejects.toMatchObject({ code: 'ECONTROL_IN_USE' });
  });
});
