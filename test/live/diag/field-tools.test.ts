/**
 * Diagnostics, metrics and bundle with real programs, over the real socket, with the real `sagctl`; traffic goes to
 * loopback only.
 */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBounded } from '../../../agent/adapters/bounded-program.ts';
import { DiagTools } from '../../../agent/adapters/diag/diag-tools.ts';
import type { AgentSnapshot } from '../../../agent/model/snapshot.ts';
import { HEALTHY_SNAPSHOT } from '../../unit/agent/diag/check/healthy-facts.ts';
import { DoorsRoom } from './doors-room.ts';

const CANARY = 'Canary7secretXYZ';
const NOBODY = 65_534;

let room: DoorsRoom;
beforeEach(async () => {
  room = new DoorsRoom();
  const snapshot = async () => Promise.resolve(onLoopback(HEALTHY_SNAPSHOT));
  await room.open({}, undefined, {
    tools: new DiagTools([], snapshot),
    blink: async (seconds) => Promise.resolve({ ok: seconds > 0, because: `${seconds} s` }),
    logLevel: (level, seconds) => ({ ok: true, because: `${level} for ${seconds} s` }),
  });
});
afterEach(async () => room.clear());

/** An uplink and a tunnel that every machine has. */
function onLoopback(snapshot: AgentSnapshot): AgentSnapshot {
  const uplinks = snapshot.fastPath.uplinks.map((uplink) => ({
    ...uplink,
    deviceName: 'lo',
    verdict: { state: 'up' as const, sinceMs: 0, address: '127.0.0.1' },
  }));
  const tunnels = snapshot.fastPath.tunnels.map((tunnel) => ({ ...tunnel, deviceName: 'lo' }));
  return { ...snapshot, fastPath: { ...snapshot.fastPath, uplinks, tunnels } };
}

interface Ran {
  readonly code: number;
  readonly out: Buffer;
  readonly err: string;
}

async function sagctl(...argv: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const program = ['--disable-warning=ExperimentalWarning', 'agent/cli/sagctl.ts'];
    const words = [...program, ...argv, '--socket', room.controlPath];
    const child = execFile(process.execPath, words, { encoding: 'buffer' }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err: err.toString() }),
    );
  });
}

function needs(ctx: { skip: (why: string) => void }, program: string): void {
  try {
    execFileSync(program, ['--version'], { stdio: 'pipe' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    if (process.env['CI'] !== undefined) throw error;
    ctx.skip(`${program} is not installed`);
  }
}

describe('diagnostics in the field', () => {
  it('ping through a named uplink, and say who asked', async (ctx) => {
    needs(ctx, 'ping');
    const { code, out } = await sagctl('ping', '127.0.0.2', '--via', 'wan1', '--count', '2');
    expect(out.toString()).toContain('2 of 2 came back');
    expect(code).toBe(0);
    expect(room.noted.at(-1)).toMatchObject({ code: 'doorActed', uid: process.getuid?.() });
  });

  it('try a port through a named tunnel, where no socket of Node can be sent', async (ctx) => {
    needs(ctx, 'traceroute');
    if (process.getuid?.() !== 0) ctx.skip('only root may send a SYN of its own making');
    const server = createServer().listen(0, '127.0.0.2');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const tunnel = HEALTHY_SNAPSHOT.fastPath.tunnels[0]?.id ?? '';
    const probe = ['probe', '127.0.0.2', '--via', tunnel, '--port', `${port}`];
    const open = await sagctl(...probe);
    server.close();
    await once(server, 'close');
    const closed = await sagctl(...probe);
    expect(open.out.toString()).toMatch(/open, after \d+ ms/);
    expect(closed.out.toString()).toContain('ECONNREFUSED');
    expect([open.code, closed.code]).toEqual([0, 1]);
  });

  it('refuse what is no target before anything is started', async () => {
    const { code, err } = await sagctl('ping', '8.8.8.8;id');
    expect([code, err]).toEqual([
      1,
      'sagctl: EDIAG_TARGET: the target must be an IP address or a host name\n',
    ]);
  });

  it('capture headers as pcap', async (ctx) => {
    needs(ctx, 'tcpdump');
    const file = join(room.directory, 'x.pcap');
    const options = ['--via', 'wan1', '--protocol', 'icmp', '--packets', '2', '--seconds', '20'];
    const capturing = sagctl('capture', ...options, '--write', file);
    const pings = execFile('ping', ['-n', '-c', '40', '-i', '0.2', '127.0.0.2']);
    const { code, err } = await capturing;
    pings.kill();
    expect([code, err]).toEqual([0, expect.stringContaining('bytes')]);
    expect(readFileSync(file).readUInt32LE(0)).toBe(0xa1b2c3d4);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('blink and raise the log level', async () => {
    expect((await sagctl('blink', '--seconds', '5')).out.toString()).toBe('done: 5 s\n');
    const raised = await sagctl('log-level', 'debug', '--for', '2h');
    expect(raised.out.toString()).toBe('done: debug for 7200 s\n');
  });

  it('end at their bounds, and keep what came until then', async () => {
    const endless = await runBounded(['yes'], { msMax: 30_000, bytesMax: 100_000 });
    expect([endless.output.length, endless.cut]).toEqual([100_000, true]);
    const slow = await runBounded(['sleep', '60'], { msMax: 50, bytesMax: 1 });
    expect([slow.cut, slow.exitCode]).toEqual([true, undefined]);
    const absent = await runBounded(['no-such-program'], { msMax: 1_000, bytesMax: 1 });
    expect(absent.missing).toBe(true);
  });
});

describe('the control socket', () => {
  it('answers a scrape', async () => {
    const [status, text] = await scrape('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('sag_registered 1\n');
    expect((await scrape('/'))[0]).toBe(404);
  });

  it('turns a stranger away whom a loosened mode let in', async (ctx) => {
    if (process.getuid?.() !== 0) ctx.skip('only root can be somebody else');
    chmodSync(room.directory, 0o755);
    chmodSync(room.controlPath, 0o777);
    const said = await new Promise<string>((resolve) => {
      // Reads what is said to it without having asked.
      const script =
        'import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(4096).decode())';
      const options = { uid: NOBODY, gid: NOBODY, cwd: '/' };
      execFile('python3', ['-c', script, room.controlPath], options, (error, out) =>
        resolve(out || (error?.message ?? 'nothing')),
      );
    });
    if (said.includes('ENOENT')) ctx.skip('python3 is not installed');
    expect(said).toContain('"code":"ECONTROL_PEER"');
  });
});

async function scrape(path: string): Promise<readonly [number | undefined, string]> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: room.controlPath, path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve([response.statusCode, text]));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('a bundle', () => {
  it('is written without the agent too, and holds no secret of the configuration', async () => {
    const config = join(room.directory, 'agent.yaml');
    writeFileSync(config, `tenant: acme\npsk: ${CANARY}\n`);
    const file = join(room.directory, 'bundle.tar.gz');
    const program = ['--disable-warning=ExperimentalWarning', 'agent/cli/sagctl.ts'];
    const words = ['bundle', '--output', file, '--config', config, '--socket', '/nonexistent/x'];
    execFileSync(process.execPath, [...program, ...words], { stdio: 'pipe' });
    const names = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' });
    for (const name of ['README.md', 'check.txt', 'configuration.yaml', 'kernel/links.txt'])
      expect(names).toContain(`sag-bundle/${name}\n`);
    const all = execFileSync('tar', ['-xzOf', file], { encoding: 'utf8', maxBuffer: 2 ** 27 });
    expect(all).toContain('tenant: acme');
    expect(all).not.toContain(CANARY);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
