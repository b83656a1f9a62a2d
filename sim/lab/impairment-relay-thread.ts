/**
 * The thread of the relay: reads packets from the TUN devices, asks the model what becomes of each, and writes those
 * that pass back into their device when their time has come.
 *
 * A TUN descriptor is nothing that Node can wait for, so it is looked at every millisecond; that is also the grain of
 * every delay.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { liveClock } from '../../firmware-shim/adapters/live-clock.ts';
import { loadNative } from '../../firmware-shim/adapters/native.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { ImpairedDirection } from '../models/network/impaired-direction.ts';
import type { RelayDirection, RelayFact, RelayOrder, RelayPlan } from './impairment-relay.ts';
import { PacketShelf } from './packet-shelf.ts';
import { type LabUplinkId, uplinkOf } from './topology.ts';

const LOOK_EVERY_MS = 1;
/** The largest IP packet. */
const PACKET_BYTES_MAX = 65_535;
/** One device must not starve the other: the rest is read at the next look. */
const PACKETS_PER_LOOK_MAX = 512;
/** A wire is punctual; where it may not be, the machine's lateness is measured beside it. */
const REALTIME_PRIORITY = 20;
const IPV4_DESTINATION_AT = 16;

interface Detour {
  readonly uplink: LabUplinkId;
  readonly fd: number;
  /** The first three bytes of the uplink's network. */
  readonly network: readonly number[];
  readonly directions: Readonly<Record<RelayDirection, ImpairedDirection>>;
}

const port = parentPort;
if (port === null) throw new Error('the relay is a thread of the lab');
const plan = workerData as RelayPlan;
const native = loadNative();
native.setRealtime(REALTIME_PRIORITY);
const random = new SeededRandom(plan.seed);
const detours = plan.devices.map(({ uplink, deviceName }): Detour => {
  const fd = native.tun({ name: deviceName, netnsPath: plan.netnsPath });
  const network = uplinkOf(uplink).gateway.split('.').slice(0, 3).map(Number);
  const directions = {
    out: new ImpairedDirection(random.fork(`${uplink} out`)),
    in: new ImpairedDirection(random.fork(`${uplink} in`)),
  };
  return { uplink, fd, network, directions };
});
const shelf = new PacketShelf<Detour>();
const buffer = Buffer.alloc(PACKET_BYTES_MAX);

function look(): void {
  for (const detour of detours) readAll(detour);
  for (const { place, bytes } of shelf.takeDue(liveClock.nowMs())) write(place.fd, bytes);
}

function readAll(detour: Detour): void {
  for (let read = 0; read < PACKETS_PER_LOOK_MAX; read += 1) {
    const bytes = readOne(detour.fd);
    if (bytes === undefined) return;
    const isInbound = detour.network.every((byte, at) => bytes[IPV4_DESTINATION_AT + at] === byte);
    const nowMs = liveClock.nowMs();
    const passage = detour.directions[isInbound ? 'in' : 'out'].offer(bytes.length, nowMs);
    if (passage.passes) shelf.put(detour, Uint8Array.from(bytes), passage.atMs);
  }
}

function readOne(fd: number): Uint8Array | undefined {
  try {
    return buffer.subarray(0, readSync(fd, buffer));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function write(fd: number, bytes: Uint8Array): void {
  try {
    writeSync(fd, bytes);
  } catch (error) {
    // A device that is not up yet takes nothing: lost, as on any wire.
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
  }
}

const timer = setInterval(look, LOOK_EVERY_MS);
port.on('message', (order: RelayOrder) => {
  if (order.type === 'stop') {
    clearInterval(timer);
    for (const { fd } of detours) closeSync(fd);
    port.close();
    return;
  }
  const detour = detours.find(({ uplink }) => uplink === order.uplink);
  const direction = detour?.directions[order.direction];
  if (direction === undefined) throw new Error(`there is no detour over ${order.uplink}`);
  const { counts } = direction;
  direction.change(order.impairment);
  port.postMessage({ type: 'impaired', orderId: order.orderId, counts } satisfies RelayFact);
});
port.postMessage({ type: 'ready' } satisfies RelayFact);
