/**
 * The impaired wide area of the lab: every packet between an uplink of the branch and the gateways makes a detour
 * through this program, which holds it back, loses it or lets it pass.
 *
 * A hair-pin in the routers between: policy routing sends what arrives from an uplink, or is for it, into a TUN device;
 * what is written back into the same device is forwarded by the main table. It works for every engine, because nothing
 * in it knows what the packets carry.
 */
import { Worker } from 'node:worker_threads';
import {
  type Impairment,
  type PassageCounts,
  UNIMPAIRED,
} from '../models/network/impaired-direction.ts';
import { LabFailed, runCommand } from './command.ts';
import { GATEWAYS, type LabUplinkId, netnsPath, UPLINKS, uplinkOf, WIRES } from './topology.ts';

/** As seen from the branch. */
export type RelayDirection = 'out' | 'in';

export interface RelayPlan {
  readonly netnsPath: string;
  readonly seed: number;
  readonly devices: readonly { readonly uplink: LabUplinkId; readonly deviceName: string }[];
}

export type RelayOrder =
  | {
      readonly type: 'impair';
      readonly orderId: number;
      readonly uplink: LabUplinkId;
      readonly direction: RelayDirection;
      readonly impairment: Impairment;
    }
  | { readonly type: 'stop' };

export type RelayFact =
  | { readonly type: 'ready' }
  | {
      readonly type: 'impaired';
      readonly orderId: number;
      /** Of the packets before. */
      readonly counts: PassageCounts;
    };

/** A thread that has not answered by then never will. */
const ANSWER_MS_MAX = 10_000;
const FIRST_TABLE = 101;

export class ImpairmentRelay {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (counts: PassageCounts) => void>();
  #orderId = 0;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async open(seed: number): Promise<ImpairmentRelay> {
    const devices = UPLINKS.map(({ id }) => ({ uplink: id, deviceName: `detour-${id}` }));
    const workerData: RelayPlan = { netnsPath: netnsPath('inet'), seed, devices };
    const worker = new Worker(new URL('./impairment-relay-thread.ts', import.meta.url), {
      workerData,
      // The descriptors are made natively, and closed by the thread.
      trackUnmanagedFds: false,
    });
    const relay = new ImpairmentRelay(worker);
    await relay.#ready();
    await runCommand(['ip', '-n', 'inet', '-batch', '-'], { input: hairPins().join('\n') });
    return relay;
  }

  /** Changes what happens to packets from now on; answers when that is in force. */
  async impair(
    uplink: LabUplinkId,
    direction: RelayDirection,
    over: Partial<Impairment>,
  ): Promise<PassageCounts> {
    this.#orderId += 1;
    const orderId = this.#orderId;
    const impairment = { ...UNIMPAIRED, ...over };
    const answered = new Promise<PassageCounts>((resolve, reject) => {
      const late = setTimeout(() => reject(new LabFailed('the relay is silent')), ANSWER_MS_MAX);
      this.#waiting.set(orderId, (counts) => {
        clearTimeout(late);
        resolve(counts);
      });
    });
    const order: RelayOrder = { type: 'impair', orderId, uplink, direction, impairment };
    this.#worker.postMessage(order);
    return answered;
  }

  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#worker.once('exit', () => resolve());
    });
    this.#worker.postMessage({ type: 'stop' } satisfies RelayOrder);
    await ended;
  }

  async #ready(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#worker.once('error', reject);
      this.#worker.on('message', (fact: RelayFact) => {
        if (fact.type === 'ready') return resolve();
        this.#waiting.get(fact.orderId)?.(fact.counts);
        this.#waiting.delete(fact.orderId);
      });
    });
  }
}

/** What comes from an uplink or goes to it takes the detour; what the detour gives back goes by the main table. */
function hairPins(): readonly string[] {
  const gatewayDevices = WIRES.flatMap(([near, far]) =>
    GATEWAYS.some(({ namespace }) => namespace === far.namespace) && near.namespace === 'inet'
      ? [near.deviceName]
      : [],
  );
  return UPLINKS.flatMap(({ id }, index) => {
    const table = FIRST_TABLE + index;
    const { ispDeviceName, gateway } = uplinkOf(id);
    const network = `${gateway.replace(/\d+$/, '0')}/24`;
    return [
      `link set detour-${id} up`,
      `route add default dev detour-${id} table ${table}`,
      `rule add iif ${ispDeviceName} lookup ${table} priority ${table}`,
      ...gatewayDevices.map(
        (device) => `rule add iif ${device} to ${network} lookup ${table} priority ${table}`,
      ),
    ];
  });
}
