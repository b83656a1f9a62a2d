/**
 * The whole agent as a process of its own, from its first start on, with keys that would be recognised anywhere: none of
 * them is found in its log, its arguments or those of what it starts, its environment, its bundle, or what its control
 * socket and its page answer. Nor is the password of a PPPoE line that is set up at the box.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';
import { FACTORY_KEY, openRoom, type Room, SERIAL_NUMBER } from './room.ts';

/** A bound against hanging: three real starts take seconds. */
const TEST_MS_MAX = 90_000;
const PPP_PASSWORD = 'canary-of-pppoe-4711';
const PPPOE = ['wan', 'wan1', 'pppoe', '--user', 'branch@isp'];

let room: Room | undefined;
let netns: ScratchNetns | undefined;
let agent: ChildProcess | undefined;

afterEach(async () => {
  agent?.kill('SIGKILL');
  await room?.close();
  netns?.remove();
});

/** Everything secret, in every spelling it could have. */
function secretsIn(stateDirectory: string): readonly string[] {
  const files = readdirSync(stateDirectory, { recursive: true, encoding: 'utf8' });
  const keys = files
    .filter((file) => /key/.test(file))
    .map((file) => readFileSync(join(stateDirectory, file), 'latin1'))
    .flatMap((text) => text.match(/[A-Za-z0-9+/=]{40,}/g) ?? []);
  const factory = Buffer.from(FACTORY_KEY);
  return [...keys, factory.toString('hex'), factory.toString('base64'), factory.toString('latin1')];
}

/** What one HTTP request over a Unix socket brings, headers and all. */
function page(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });
}

function sagctl(socketPath: string, ...words: readonly string[]): Promise<string> {
  return sagctlWith('', socketPath, ...words);
}

/** With one line at its standard input. */
function sagctlWith(input: string, socketPath: string, ...words: readonly string[]) {
  const program = ['--disable-warning=ExperimentalWarning', 'agent/cli/sagctl.ts'];
  const argv = [...program, ...words, '--socket', socketPath];
  return new Promise<string>((resolve) => {
    const child = execFile(process.execPath, argv, (_error, out, err) => resolve(out + err));
    child.stdin?.end(`${input}\n`);
  });
}

/** Arguments and environment of the agent and of every program it has started. */
function processesOf(pid: number): string {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const own = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
  const others = children.filter((each) => each !== '').map((each) => processesOf(Number(each)));
  return [...own, ...others].join('\n');
}

it(
  'no secret of the device is found in anything it says or shows',
  async (ctx) => {
    const missing = netnsMissing();
    if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
    const born = Promise.withResolvers<void>();
    netns = scratchNetns();
    netns.ip('link', 'set', 'lo', 'up');
    netns.ip('link', 'add', 'wan1', 'type', 'veth', 'peer', 'name', 'far1');
    netns.ip('link', 'set', 'far1', 'up');
    netns.ip('addr', 'add', '10.9.1.2/24', 'dev', 'wan1');
    netns.ip('link', 'set', 'wan1', 'up');
    netns.ip('route', 'add', 'default', 'via', '10.9.1.1');
    room = await openRoom({ onBirth: () => born.resolve() }, netns.path);
    room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
    const { config } = await room.device('box', FACTORY_KEY);
    const pageSocket = join(room.scratch, 'page.sock');
    const configFile = join(room.scratch, 'agent.yaml');
    const uplink = { id: 'wan1', kind: 'wired', port: 5, deviceName: 'wan1', priority: 1 };
    const whole = {
      ...config,
      uplinks: [{ ...uplink, gateway: '10.9.1.1' }],
      page: { unixSocket: pageSocket, hosts: ['localhost'] },
      access: {
        ...config.access,
        gateways: config.access.gateways.map((gateway) => ({
          ...gateway,
          port: 8443,
          enrolmentPort: 8444,
        })),
      },
    };
    writeFileSync(configFile, JSON.stringify(whole));
    const program = ['--disable-warning=ExperimentalWarning', 'agent/main.ts'];
    const argv = ['netns', 'exec', netns.name, process.execPath, ...program];
    agent = spawn('ip', [...argv, '--config', configFile]);
    let log = '';
    agent.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString('latin1')));
    agent.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString('latin1')));
    await Promise.race([born.promise, new Promise((resolve) => agent?.once('exit', resolve))]);
    expect(log).toContain('"enrolled"');
    expect(agent.exitCode).toBeNull();

    const { controlSocket, stateDirectory } = config;
    const bundle = join(room.scratch, 'bundle.tar.gz');
    const tried = await sagctlWith(PPP_PASSWORD, controlSocket, ...PPPOE);
    expect(tried).toContain('on trial');
    const shown = await Promise.all([
      ...['status', 'links', 'tunnels', 'why', 'notes', 'wan'].map((word) =>
        sagctl(controlSocket, word, '--json'),
      ),
      ...['/', '/page.js', '/state'].map((path) => page(pageSocket, path)),
      sagctl(controlSocket, 'bundle', '--anonymise', 'none', '--output', bundle),
    ]);
    const itself = processesOf(agent.pid ?? 0);
    expect(shown.join('')).toContain('"PPPOE"');
    expect(log).toContain('wan \\"set\\" \\"wan1\\" \\"PPPOE\\"');
    const secrets = [...secretsIn(stateDirectory), PPP_PASSWORD];
    expect(secrets.length).toBeGreaterThan(4);
    expect(shown.join('')).toContain(SERIAL_NUMBER);
    const packed = gunzipSync(readFileSync(bundle)).toString('latin1');
    const said = [log, tried, ...shown, itself, packed].join('\n');
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
  },
  TEST_MS_MAX,
);
