/**
 * Another box that has the branch's identity: it connects to a gateway, is born on the branch's life topic, and goes
 * after a while, with a goodbye or without. While it is here it comes back at once whenever it is pushed out, and follows
 * the branch to whichever gateway that goes to: two boxes with one list end up at one gateway.
 */
import type { Birth } from '../../../agent/access/payloads.ts';
import { topicsOf } from '../../../agent/access/topics.ts';
import { TENANT } from '../../lab/branch-config.ts';
import type { World } from '../../world/world.ts';
import { SERIAL_NUMBER } from '../branch/branch-site.ts';
import { type GatewayLine, type GatewayModel, TAKEN_OVER } from './gateway-model.ts';
import type { GatewayStore } from './gateway-store.ts';

/** A publish id of nobody here. */
const PUBLISH_ID = 0;
const WILL_DELAY_S = 1;
/** As naive clients do: five takeovers a second each way were measured. */
const RETURN_MS = 200;

export interface CloneOptions {
  readonly world: World;
  readonly store: GatewayStore;
  readonly gateways: readonly GatewayModel[];
}

interface Visit {
  readonly gateway: GatewayModel;
  readonly line: GatewayLine;
}

export class CloneModel {
  readonly #options: CloneOptions;
  readonly #topic = topicsOf(TENANT, SERIAL_NUMBER).life;
  readonly #takenOverAtMs: number[] = [];
  #visit: Visit | undefined;
  #appeared = false;
  #isHere = false;

  constructor(options: CloneOptions) {
    this.#options = options;
  }

  /** When the branch has taken its session from it. */
  get takenOverAtMs(): readonly number[] {
    return this.#takenOverAtMs;
  }

  /** One clone a life, and none of a device nobody has heard of: a second takeover is waited for longer than a run lasts. */
  appear(id: string): void {
    const gateway = this.#options.gateways.find((each) => each.id === id);
    if (this.#appeared || gateway === undefined) return;
    this.#appeared = true;
    this.#isHere = true;
    this.#connect(gateway);
    this.#followLater();
  }

  leave(how: 'bye' | 'lost'): void {
    this.#isHere = false;
    this.#visit?.gateway.ended(this.#visit.line, how);
    this.#visit = undefined;
  }

  #followLater(): void {
    const { world, gateways } = this.#options;
    world.after(RETURN_MS, 'clone follows', () => {
      if (!this.#isHere) return;
      const visit = this.#visit;
      const branchAt = gateways.find(
        (each) => each.running && each.serves(SERIAL_NUMBER, visit?.line),
      );
      if (branchAt !== undefined && branchAt !== visit?.gateway) {
        this.#visit = undefined;
        if (visit !== undefined) visit.gateway.ended(visit.line, 'bye');
        this.#connect(branchAt);
      }
      this.#followLater();
    });
  }

  #connect(gateway: GatewayModel): void {
    const { world, store } = this.#options;
    const life = store.retained(this.#topic);
    if (!this.#isHere || !gateway.running || life === undefined) return;
    const copied = JSON.parse(new TextDecoder().decode(life)) as Partial<Birth>;
    const line: GatewayLine = {
      serialNumber: SERIAL_NUMBER,
      will: { topic: this.#topic, payload: this.#says(copied, 'offline'), delayS: WILL_DELAY_S },
      deliver: () => undefined,
      acknowledge: () => undefined,
      end: (code) => {
        this.#visit = undefined;
        if (code !== TAKEN_OVER) return;
        this.#takenOverAtMs.push(world.nowMs);
        world.after(RETURN_MS, 'clone', () => {
          if (this.#visit === undefined) this.#connect(gateway);
        });
      },
    };
    this.#visit = { gateway, line };
    gateway.accept(line);
    const message = { publishId: PUBLISH_ID, topic: this.#topic, qos: 1, retain: true } as const;
    gateway.receive(line, { ...message, payload: this.#says(copied, 'online') });
  }

  /** What the real box says of itself, in another life. */
  #says(copied: Partial<Birth>, state: 'online' | 'offline'): Uint8Array {
    const life = { bdSeq: 0, bootId: 'boot-of-the-clone' };
    const { serialNumber } = copied;
    if (state === 'online' && serialNumber !== undefined) {
      return new TextEncoder().encode(JSON.stringify({ ...copied, ...life }));
    }
    const death = { v: 1, state: 'offline', ...life, why: 'lost' };
    return new TextEncoder().encode(JSON.stringify(death));
  }
}
