/**
 * Failback with real flows through real tunnels: what was pushed off returns, what began on the backup stays.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { PacketFilter } from '../../../agent/adapters/host/packet-filter.ts';
import type { FastPathPlan } from '../../../agent/model/fast-path.ts';
import { COUNT_MS } from '../../../agent/routes/flow-keeper.ts';
import { FLOW_TABLE, flowRules } from '../../../agent/state/flow-rules.ts';
import { listenPort, slotMark } from '../../../agent/state/number-plan.ts';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';
import { BEHIND, type LiveEnd } from './live-end.ts';
import { partsMissing, planOf, TwoEnds } from './two-ends.ts';

const LAN = '10.97.0.2';
const PORT = 7_009;
/** Local ports of the flows: begun on the first tunnel, begun on the backup. */
const OLD = { udp: 5_001, tcp: 6_001 } as const;
const NEW = { udp: 5_002, tcp: 6_002 } as const;
const SEND_EVERY_MS = 10;
/** The count may have to be asked for a second time on a machine that does much else. */
const COUNT_AGAIN_MS = 2 * COUNT_MS;

const missing = partsMissing() ?? netnsMissing();
let ends: TwoEnds;
let lan: ScratchNetns;
let server: Server;
let echo: Socket;
let tcp: ChildProcess;
const udp: Socket[] = [];
const timers: NodeJS.Timeout[] = [];

/** Opens a connection from each local port it reads, writes into all of them, and tells the port of each echo. */
const TCP_CLIENT = `
const { connect } = require('net');
require('readline').createInterface({ input: process.stdin }).on('line', (port) => {
  const socket = connect({ host: '${BEHIND.hub}', port: ${PORT}, localAddress: '${LAN}', localPort: Number(port) });
  socket.setNoDelay(true);
  socket.on('data', () => console.log(port)).on('error', (error) => console.log(port, error.code));
  setInterval(() => socket.write('.'), ${SEND_EVERY_MS});
});`;

beforeAll(async () => {
  if (missing !== undefined) return;
  ends = new TwoEnds();
  await ends.open();
  openLan();
  await watchPaths();
  ends.branch.order({ type: 'planReceived', plan: patient(marked(planOf(ends.branch))) });
  ends.hub.order({
    type: 'planReceived',
    plan: patient({ ...planOf(ends.hub), prefixes: ['10.97.0.0/24'] }),
  });
  await Promise.all([ends.branch.untilActive('t1'), ends.hub.untilActive('t1')]);
  await Promise.all([ends.branch, ends.hub].map(untilBackupIsUp));
  openEchoes();
});

afterAll(async () => {
  for (const timer of timers) clearInterval(timer);
  for (const socket of [...udp, echo]) socket?.close();
  tcp?.kill('SIGKILL');
  server?.close();
  lan?.remove();
  await ends?.close();
});

async function untilBackupIsUp(end: LiveEnd): Promise<void> {
  await end.until((f) => f.type === 'tunnelStateChanged' && f.tunnel === 't2' && f.to === 'up');
}

/** A session that a busy machine loses for a moment would let go of the flows, as it should. */
function patient(plan: FastPathPlan): FastPathPlan {
  const bfd = { desiredMinTxMs: 100, requiredMinRxMs: 100, detectMult: 6 };
  return { ...plan, tunnels: plan.tunnels.map((each) => ({ ...each, bfd })) };
}

function marked(plan: FastPathPlan): FastPathPlan {
  const tunnels = plan.tunnels.map((each, at) => ({ ...each, flowMark: slotMark(listenPort(at)) }));
  return { ...plan, tunnels };
}

/** Somebody on the branch's LAN: only what is forwarded is told apart. */
function openLan(): void {
  const { netns } = ends.branch;
  lan = scratchNetns();
  netns.ip('link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', lan.name);
  netns.ip('addr', 'add', '10.97.0.1/24', 'dev', 'lan0');
  netns.ip('link', 'set', 'lan0', 'up');
  lan.ip('addr', 'add', `${LAN}/24`, 'dev', 'eth0');
  lan.ip('link', 'set', 'eth0', 'up');
  lan.ip('route', 'add', 'default', 'via', '10.97.0.1');
  execFileSync('ip', ['netns', 'exec', netns.name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
}

/** The rules under test in the branch, and counters at the hub of what comes out of which tunnel. */
async function watchPaths(): Promise<void> {
  const { branch, hub } = ends;
  const numbered = [0, 1].map((at) => ({
    deviceName: branch.deviceName(at + 1),
    listenPort: listenPort(at),
  }));
  await new PacketFilter([FLOW_TABLE], branch.netns.path).apply(flowRules(numbered));
  const counters = [1, 2].flatMap((index) =>
    [OLD.udp, OLD.tcp, NEW.udp, NEW.tcp].flatMap((port) => [
      `add counter inet seen t${index}p${port}`,
      `add rule inet seen in iifname "${hub.deviceName(index)}" th sport ${port} counter name t${index}p${port}`,
    ]),
  );
  const chain = 'add chain inet seen in { type filter hook input priority 0; }';
  const text = ['add table inet seen', chain, ...counters].join('\n');
  await new PacketFilter(['inet seen'], hub.netns.path).apply(`${text}\n`);
}

function openEchoes(): void {
  const native = loadNative();
  const { path: netnsPath } = ends.hub.netns;
  echo = createSocket('udp4');
  echo.bind({ fd: native.udpSocket({ netnsPath, address: BEHIND.hub, port: PORT }) });
  echo.on('message', (bytes, from) => echo.send(bytes, from.port, from.address));
  server = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  server.listen({ fd: native.tcpListen({ netnsPath, address: BEHIND.hub, port: PORT }) });
  const argv = ['netns', 'exec', lan.name, process.execPath, '-e', TCP_CLIENT];
  tcp = spawn('ip', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Begins a flow of each kind and waits until both are answered. */
async function begin(flow: Flow): Promise<void> {
  const socket = createSocket('udp4');
  const fd = loadNative().udpSocket({ netnsPath: lan.path, address: LAN, port: flow.udp });
  socket.bind({ fd });
  udp.push(socket);
  timers.push(
    setInterval(() => socket.send('.', PORT, BEHIND.hub, () => undefined), SEND_EVERY_MS),
  );
  const answered = new Promise<void>((resolve) => {
    socket.once('message', () => resolve());
  });
  tcp.stdin?.write(`${flow.tcp}\n`);
  await Promise.all([answered, answers(flow.tcp)]);
}

/** The next echo of a TCP connection; what it says instead is an error. */
async function answers(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const hear = (bytes: Buffer): void => {
      const words = bytes.toString().split('\n');
      const failed = words.find((each) => each.startsWith(`${port} `));
      if (failed === undefined && !words.includes(String(port))) return;
      tcp.stdout?.off('data', hear);
      if (failed === undefined) resolve();
      else reject(new Error(failed));
    };
    tcp.stdout?.on('data', hear);
  });
}

type Flow = typeof OLD | typeof NEW;

/** How many packets of a flow's two connections have come out of a tunnel so far. */
function packetsOf(flow: Flow, tunnel: 't1' | 't2'): readonly number[] {
  const argv = ['netns', 'exec', ends.hub.netns.name, 'nft', '-j', 'list', 'counters'];
  const told = JSON.parse(execFileSync('ip', argv, { encoding: 'utf8' })) as {
    nftables: { counter?: { name: string; packets: number } }[];
  };
  return [flow.udp, flow.tcp].map(
    (port) =>
      told.nftables.find(({ counter }) => counter?.name === `${tunnel}p${port}`)?.counter
        ?.packets ?? Number.NaN,
  );
}

/** Waits until both connections go through this tunnel and nothing of them is left in the other's queues. */
async function untilThrough(flow: Flow, tunnel: 't1' | 't2'): Promise<void> {
  const other = tunnel === 't1' ? 't2' : 't1';
  for (;;) {
    const [mine, others] = [packetsOf(flow, tunnel), packetsOf(flow, other)];
    await answers(flow.tcp);
    await answers(flow.tcp);
    const grown = packetsOf(flow, tunnel).every((count, at) => count > (mine[at] ?? 0));
    if (grown && packetsOf(flow, other).join() === others.join()) return;
  }
}

function rules(): string {
  return ends.branch.netns.ip('rule', 'list', 'priority', '19650').trim();
}

test('failback moves the flows that were pushed off, counts what stays, and lets nothing stay on a dead backup', async (ctx: TestContext) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  const { branch, hub } = ends;
  await begin(OLD);
  await untilThrough(OLD, 't1');

  await ends.blackHole(1);
  await Promise.all([branch.untilOn('t2'), hub.untilOn('t2')]);
  await begin(NEW);
  await untilThrough(OLD, 't2');
  await untilThrough(NEW, 't2');

  await ends.fillHole();
  await Promise.all([branch.untilOn('t1'), hub.untilOn('t1')]);
  await untilThrough(OLD, 't1');
  await untilThrough(NEW, 't2');
  expect(rules()).not.toBe('');
  const stays = async () => (await branch.snapshot()).stranded;
  await expect
    .poll(stays, { timeout: COUNT_AGAIN_MS })
    .toEqual([{ tunnel: 't2', flows: 2, leftMs: expect.any(Number) }]);
  // Not one packet of them took the way that everything else takes, not even during the flip.
  expect(packetsOf(NEW, 't1')).toEqual([0, 0]);

  const since = branch.facts.length;
  await ends.blackHole(2);
  await branch.until((f) => f.type === 'noted' && f.note.code === 'flowsReleased', since);
  await untilThrough(NEW, 't1');
  expect(rules()).toBe('');
  expect(await stays()).toBeUndefined();
});
