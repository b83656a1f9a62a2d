/**
 * The fast-path thread: drives `FastPathWiring` with real time, its own netlink sockets and the probe sockets.
 *
 * Nothing here waits for the control thread: orders come in as messages, facts go out as messages, and from
 * probe silence to the route flip everything happens on this thread.
 */
import { randomFillSync } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { UdpRack } from '../../../firmware-shim/adapters/udp-rack.ts';
import { assert } from '../../../firmware-shim/base/assert.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { type FastPathFact, type FastPathOrder, HEARTBEAT } from '../../model/fast-path.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { ProbeSocket } from '../../ports.ts';
import type {
  FastPathEffect,
  FastPathEvent,
  ProbeOpening,
} from '../../wiring/fast-path-contract.ts';
import { FastPathWiring } from '../../wiring/fast-path-wiring.ts';
import { ControlPulse } from '../../wiring/thread-heartbeat.ts';
import { drainingAlarm } from './draining-alarm.ts';
import { turnNexthopCompatOff } from './fast-path-sysctl.ts';
import { COUNT_FLOWS, type FastPathThreadOptions, type FlowsCounted } from './fast-path-worker.ts';
import { openProbeSocket } from './probe-socket.ts';

interface PortSocket {
  readonly port: number;
  readonly socket: ProbeSocket;
}

/** Low among the real-time priorities: it must only come before ordinary work. */
const REALTIME_PRIORITY = 10;

/** Drawn from the system so many at a time: each packet's jitter takes one, and a draw costs more than the packet. */
const drawn = new Uint32Array(1_024);
let left = 0;

function drawU32(): number {
  if (left === 0) {
    randomFillSync(drawn);
    left = drawn.length;
  }
  left -= 1;
  return drawn[left] ?? 0;
}

/** Unpredictable, because discriminators and source ports are what a stranger would have to guess. */
const systemRandom: Random = { u32: drawU32, next: () => drawU32() / 0x1_0000_0000 };

assert(parentPort !== null, 'the fast path runs in a worker thread');
const control = parentPort;
const { netnsPath, realtime } = workerData as FastPathThreadOptions;
const inNetns = netnsPath === undefined ? {} : { netnsPath };
const kernel = openKernel(inNetns);
const probes = new Map<TunnelId, readonly PortSocket[]>();
/** What a burst brought, for the core to hear in one go. */
const arrived: FastPathEvent[] = [];
const rack = new UdpRack(hearBurst);

const driver = new Driver<FastPathEvent, FastPathEffect>({
  core: new FastPathWiring(systemRandom),
  clock: liveClock,
  alarm: (onDue) => drainingAlarm(onDue, hearBurst),
  perform,
  wokeLate: (lateMs) => ({ type: 'wokeLate', lateMs }),
});

function hearBurst(): number {
  const datagrams = rack.read();
  driver.post(...arrived.splice(0));
  return datagrams;
}

function perform(effect: FastPathEffect): void {
  switch (effect.type) {
    case 'tellControl':
      return tell(withCounters(effect.fact));
    case 'performKernel': {
      const { ticket, operation } = effect;
      const sentAtMs = liveClock.nowMs();
      return kernel.perform(operation, (result) =>
        driver.post({ type: 'kernelAnswered', ticket, result, sentAtMs }),
      );
    }
    case 'countFlows':
      // The dump walks the whole table: the other thread has the time for it.
      return control.postMessage(COUNT_FLOWS);
    case 'openProbe':
      return openProbes(effect.tunnel, effect.options);
    case 'closeProbe':
      return closeProbes(effect.tunnel);
    case 'sendProbe':
      return socketOf(effect.tunnel, effect.port)?.send(effect.bytes);
  }
}

/** A tunnel has three: to look at each is quicker than a map. */
function socketOf(tunnel: TunnelId, port: number): ProbeSocket | undefined {
  const sockets = probes.get(tunnel) ?? [];
  for (const each of sockets) if (each.port === port) return each.socket;
  return undefined;
}

function openProbes(tunnel: TunnelId, opening: ProbeOpening): void {
  closeProbes(tunnel);
  const opened: PortSocket[] = [];
  probes.set(tunnel, opened);
  const onFailed = (code: string): void => {
    closeProbes(tunnel);
    driver.post({ type: 'probeFailed', tunnel, code });
  };
  try {
    for (const port of opening.ports) {
      const onPacket = (bytes: Uint8Array): void => {
        arrived.push({ type: 'probeArrived', tunnel, port, bytes });
      };
      const options = { ...opening, ...inNetns, rack, port, onPacket, onFailed };
      opened.push({ port, socket: openProbeSocket(options) });
    }
  } catch (error) {
    onFailed((error as NodeJS.ErrnoException).code ?? String(error));
  }
}

function closeProbes(tunnel: TunnelId): void {
  for (const { socket } of probes.get(tunnel) ?? []) socket.close();
  probes.delete(tunnel);
}

function withCounters(fact: FastPathFact): FastPathFact {
  return fact.type === 'snapshotTaken' ? { ...fact, netlink: kernel.counters() } : fact;
}

function tell(fact: FastPathFact): void {
  control.postMessage(fact);
}

const pulse = new ControlPulse();

function answerHeartbeat(): void {
  control.postMessage(HEARTBEAT);
  const silentForMs = pulse.heard(liveClock.nowMs());
  if (silentForMs === undefined) return;
  tell({ type: 'noted', note: { code: 'controlThreadSilent', level: 'warning', silentForMs } });
}

/** The farewells are sent; what keeps this thread alive is let go, and it ends by itself. */
function end(): void {
  driver.stop();
  kernel.close();
  for (const tunnel of probes.keys()) closeProbes(tunnel);
  rack.close();
  control.close();
}

function scheduling(): string {
  if (!realtime) return 'ordinary';
  const refused = loadNative().setRealtime(REALTIME_PRIORITY);
  return refused === '' ? `SCHED_RR ${REALTIME_PRIORITY}` : `ordinary (${refused})`;
}

// A program started from a real-time thread would be real-time too: the sysctl comes first.
const compatRefused = await turnNexthopCompatOff(netnsPath);
const compat = compatRefused === '' ? '' : `; nexthop_compat_mode stays on: ${compatRefused}`;
tell({ type: 'fastPathReady', scheduling: `${scheduling()}${compat}` });
driver.start();
kernel.listen((events) => driver.post({ type: 'kernelChanged', events }));
control.on('message', (order: FastPathOrder | FlowsCounted | typeof HEARTBEAT) => {
  if (order === HEARTBEAT) return answerHeartbeat();
  driver.post(order);
  if (order.type === 'stopRequested') end();
});
