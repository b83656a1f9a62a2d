/**
 * The control socket over a real Unix socket, with the real `sagctl`.
 */
import { execFile } from 'node:child_process';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDescriptors } from '../board/pty-scene.ts';
import { A_NOTE, crowd, DoorsRoom } from './doors-room.ts';

/** `DIAGNOSES=100000` is the whole promise; two thousand of them are in every run. */
const DIAGNOSES = Number(process.env['DIAGNOSES'] ?? 2_000);

let room: DoorsRoom;
beforeEach(() => {
  room = new DoorsRoom();
});
afterEach(async () => room.clear());

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function sagctl(...argv: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const program = ['--disable-warning=ExperimentalWarning', 'agent/cli/sagctl.ts'];
    const child = execFile(
      process.execPath,
      [...program, ...argv, '--socket', room.controlPath],
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

/** Sends raw bytes and answers with everything that comes until the door hangs up or says a line. */
async function say(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(room.controlPath, () => socket.write(text));
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      if (heard.endsWith('\n')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

describe('the control socket', () => {
  it('is for owner and group only, and gone after close', async () => {
    const opened = await room.open();
    expect(statSync(room.controlPath).mode & 0o777).toBe(0o660);
    expect(room.noted).toEqual([
      { code: 'doorOpened', level: 'info', door: 'control', where: room.controlPath },
    ]);
    await opened.close();
    expect(existsSync(room.controlPath)).toBe(false);
  });

  it('is told apart by sagctl from whoever else answers there', async () => {
    const answers = ['{"id":1,"ok":true,"snapshot":{"nowMs":1}}\n', 'HTTP/1.1 400 Bad Request\r\n'];
    for (const answer of answers) {
      const stranger = createServer((socket) => socket.resume().end(answer));
      await new Promise<void>((resolve) => stranger.listen(room.controlPath, resolve));
      const { code, out, err } = await sagctl('status');
      expect([code, out]).toEqual([3, '']);
      expect(err).toMatch(/^sagctl: what answers there is (no|not the) agent/);
      await new Promise((resolve) => stranger.close(resolve));
    }
  });

  it('replaces a socket nobody answers at', async () => {
    const left = createServer();
    await new Promise<void>((resolve) => {
      left.listen(join(room.directory, 'old.sock'), resolve);
    });
    renameSync(join(room.directory, 'old.sock'), room.controlPath);
    await new Promise((resolve) => {
      left.close(resolve);
    });
    expect(existsSync(room.controlPath)).toBe(true);
    await room.open();
    expect((await sagctl('status')).code).toBe(0);
  });

  it('leaves a living owner and a foreign file alone, and the agent goes on', async () => {
    await room.open();
    await room.open();
    expect(room.noted.at(-1)).toMatchObject({ code: 'doorFailed', reason: 'EDOOR_IN_USE' });
    expect((await sagctl('status')).code).toBe(0);
    const file = join(room.directory, 'file');
    writeFileSync(file, 'precious');
    await room.open({ controlSocket: file });
    expect(room.noted.at(-1)).toMatchObject({ code: 'doorFailed', reason: 'EDOOR_NO_SOCKET' });
    expect(existsSync(file)).toBe(true);
  });

  it('answers sagctl: views, JSON, notes, switches', async () => {
    await room.open();
    const status = await sagctl('status');
    expect(status).toMatchObject({ code: 0, err: '' });
    expect(status.out).toContain('Nothing needs attention.');
    expect(status.out).not.toContain('\u001b');
    const tunnels = JSON.parse((await sagctl('tunnels', '--json')).out) as { active: string };
    expect(tunnels.active).toBe('wan1-agw1');
    expect((await sagctl('notes', '-n', '1')).out).toContain('was put back.');
    expect(await sagctl('switch', 'wan2-agw2')).toMatchObject({
      code: 0,
      out: 'done: you asked for wan2-agw2\n',
    });
    expect(await sagctl('switch', 'elsewhere')).toMatchObject({ code: 1 });
  });

  it('lets sagctl follow notes, and says when the agent has gone', async () => {
    const opened = await room.open();
    const program = ['agent/cli/sagctl.ts', 'notes', '--follow', '--socket', room.controlPath];
    const child = execFile(process.execPath, program);
    let heard = '';
    const ended = new Promise<number | null>((resolve) => {
      child.on('exit', resolve);
    });
    await new Promise<void>((resolve) => {
      let sent = false;
      child.stdout?.on('data', (text: string) => {
        heard += text;
        if (heard.includes('was put back.') && !sent) {
          sent = true;
          opened.noted(A_NOTE);
        }
        if (heard.includes('the board sees no cable')) resolve();
      });
    });
    await opened.close();
    expect(await ended).toBe(3);
  });

  it('refuses garbage with a code, and hangs up on a line without end', async () => {
    await room.open();
    expect(await say('hello\n')).toContain('"code":"ECONTROL_JSON"');
    expect(await say('{"id":1,"op":"shell"}\n')).toContain('"code":"ECONTROL_OP"');
    expect(await say('x'.repeat(1024 * 1024))).toContain('"code":"ECONTROL_LINE"');
    expect((await sagctl('status')).code).toBe(0);
    expect(room.noted.some(({ code }) => code === 'doorRefused')).toBe(true);
  });

  it(
    `leaks no descriptor over ${DIAGNOSES} diagnoses`,
    async () => {
      await room.open();
      const request = '{"id":1,"op":"snapshot"}\n';
      for (let round = 0; round < 20; round += 1) await say(request);
      const before = openDescriptors();
      for (let count = 0; count < DIAGNOSES; count += 1) await say(request);
      while (openDescriptors() > before) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(openDescriptors()).toBeLessThanOrEqual(before);
    },
    DIAGNOSES * 10 + 30_000,
  );

  it('turns away one client too many', async () => {
    await room.open();
    const leave = await crowd({ path: room.controlPath }, 32);
    expect(await say('')).toContain('"code":"ECONTROL_CLIENTS"');
    leave();
  });
});
