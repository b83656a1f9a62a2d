/**
 * The wide area between the branch and its access gateways: one path per uplink and gateway.
 *
 * A path carries bytes both ways and treats each packet by its present conditions: it drops by chance, drops
 * everything one way or both ways, or delivers after a delay with jitter, so that packets may overtake each
 * other as they do on the Internet. Nobody is told that a packet was dropped.
 */
import type { SeededRandom } from '../../firmware-shim/base/random.ts';
import type { World } from './world.ts';

/** As seen from the branch. */
export type Direction = 'out' | 'in';

export interface PathConditions {
  readonly delayMs: number;
  /** Added to the delay, uniform from nothing to this. */
  readonly jitterMs: number;
  readonly lossPercent: number;
  /** Directions in which nothing arrives. */
  readonly blocked: readonly Direction[];
  /** So many packets of a hundred arrive twice, the copy up to `jitterMs` later. */
  readonly duplicatePercent: number;
  /** Packets that are larger are dropped. */
  readonly bytesMax: number;
  /** What is sent before this moment waits for it somewhere, and then comes all at once. */
  readonly cloggedUntilMs: number;
}

export const CLEAN_PATH: PathConditions = {
  delayMs: 5,
  jitterMs: 1,
  lossPercent: 0,
  blocked: [],
  duplicatePercent: 0,
  bytesMax: Number.POSITIVE_INFINITY,
  cloggedUntilMs: 0,
};

export interface PathCounters {
  readonly sent: number;
  readonly dropped: number;
}

export class NetworkPath {
  readonly id: string;
  readonly #world: World;
  readonly #random: SeededRandom;
  #conditions: PathConditions;
  #sent = 0;
  #dropped = 0;

  constructor(world: World, id: string, conditions: PathConditions) {
    this.id = id;
    this.#world = world;
    this.#random = world.randomOf(`path ${id}`);
    this.#conditions = conditions;
  }

  get conditions(): PathConditions {
    return this.#conditions;
  }

  get counters(): PathCounters {
    return { sent: this.#sent, dropped: this.#dropped };
  }

  change(conditions: Partial<PathConditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  /** Calls `deliver` when the packet arrives at the other end: once, twice, or never. */
  send(direction: Direction, bytes: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    const { duplicatePercent, jitterMs, bytesMax } = this.#conditions;
    const travelMs = this.#draw([direction], bytes.length > bytesMax);
    if (travelMs === undefined) return;
    const copy = bytes.slice();
    const arrive = (afterMs: number): void => {
      this.#world.after(afterMs, `${this.id} ${direction}`, () => {
        this.#world.transcript.markBytes(this.#world.nowMs, copy);
        deliver(copy);
      });
    };
    arrive(travelMs);
    if (duplicatePercent === 0 || this.#random.next() * 100 >= duplicatePercent) return;
    arrive(travelMs + this.#random.next() * jitterMs);
  }

  /** How long a packet that must be answered takes to arrive; undefined when it or the answer is lost. */
  traverse(): number | undefined {
    return this.#draw(['out', 'in']);
  }

  #draw(directions: readonly Direction[], isTooLarge = false): number | undefined {
    const { delayMs, jitterMs, lossPercent, blocked, cloggedUntilMs } = this.#conditions;
    // Both draws are made for every packet, so that one condition does not shift the chances of another.
    const lost = this.#random.next() * 100 < lossPercent;
    const travelMs = delayMs + this.#random.next() * jitterMs;
    this.#sent += 1;
    const stuckMs = Math.max(0, cloggedUntilMs - this.#world.nowMs);
    const isDropped = isTooLarge || directions.some((direction) => blocked.includes(direction));
    if (!lost && !isDropped) return stuckMs + travelMs;
    this.#dropped += 1;
    return undefined;
  }
}

/** All paths of a world, by `uplink/gateway`. */
export class Network {
  readonly #world: World;
  readonly #paths = new Map<string, NetworkPath>();

  constructor(world: World) {
    this.#world = world;
  }

  get paths(): readonly NetworkPath[] {
    return [...this.#paths.values()];
  }

  add(uplink: string, gateway: string, conditions: PathConditions): NetworkPath {
    const path = new NetworkPath(this.#world, `${uplink}/${gateway}`, conditions);
    this.#paths.set(path.id, path);
    return path;
  }

  path(uplink: string, gateway: string): NetworkPath | undefined {
    return this.#paths.get(`${uplink}/${gateway}`);
  }
}
