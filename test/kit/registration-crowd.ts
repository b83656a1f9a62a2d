/**
 * Many registrations and their gateways in virtual time: who connects when, and whom a gateway turns away.
 *
 * The gateways are as fast as they can be: what has to be shown is how the devices pace themselves. The first of the
 * list is the one that restarts.
 */
import { Registration } from '../../agent/access/registration.ts';
import type {
  RegistrationEffect,
  RegistrationEvent,
} from '../../agent/access/registration-events.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { DueQueue } from '../../sim/world/due-queue.ts';
import { birthIn, config, inventory, PUBLIC_KEY, up } from './branch.ts';

/** TCP, TLS and CONNECT over a good path. */
const HANDSHAKE_MS = 60;
const ROUND_TRIP_MS = 20;

export interface Arrival {
  readonly device: number;
  readonly atMs: number;
}

export class RegistrationCrowd {
  readonly #due = new DueQueue<() => void>();
  readonly #devices: readonly Registration[];
  readonly #wakes = new Map<number, number>();
  /** By device: the gateway it is connected to. */
  readonly #connected = new Map<number, string>();
  readonly #spreadMs: number;
  readonly #isOneIdentity: boolean;
  readonly #restarting: string;
  #isOpen = true;
  #nowMs = 0;
  /** Every CONNECT a gateway has accepted. */
  readonly accepted: (Arrival & { readonly gateway: string })[] = [];
  readonly registered: Arrival[] = [];
  readonly takeovers: Arrival[] = [];
  readonly alarms: Arrival[] = [];

  /** With `isOneIdentity` all devices carry the same certificate, and the gateway keeps the last to come. */
  constructor(options: {
    readonly devices: number;
    readonly spreadMs: number;
    readonly gateways: number;
    readonly isOneIdentity?: boolean;
  }) {
    this.#spreadMs = options.spreadMs;
    this.#isOneIdentity = options.isOneIdentity ?? false;
    const gateways = config.access.gateways.slice(0, options.gateways);
    this.#restarting = gateways[0]?.id ?? '';
    this.#devices = Array.from({ length: options.devices }, (_, device) => {
      const bootId = `boot-${device}`;
      const ours = { ...config, access: { ...config.access, gateways } };
      const random = new SeededRandom(1_000 + device);
      return new Registration({ config: ours, inventory, publicKey: PUBLIC_KEY, bootId, random });
    });
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  start(device: number): void {
    this.#hear(device, { type: 'restored', bdSeq: undefined });
    const order = config.access.gateways.map(({ id }) => id);
    this.#hear(device, { type: 'accessPointsRanked', order });
    this.#hear(device, { type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#due.peek(); next !== undefined && next.atMs <= untilMs; ) {
      this.#due.shift();
      this.#nowMs = next.atMs;
      next.item();
      next = this.#due.peek();
    }
    this.#nowMs = untilMs;
  }

  closeGateway(): void {
    this.#isOpen = false;
    for (const [device, gateway] of this.#connected) {
      if (gateway === this.#restarting) this.#end(device, 'ECONNRESET');
    }
  }

  openGateway(): void {
    this.#isOpen = true;
  }

  #after(ms: number, run: () => void): void {
    this.#due.push(this.#nowMs + ms, run);
  }

  #hear(device: number, event: RegistrationEvent): void {
    const core = this.#devices[device];
    if (core === undefined) return;
    for (const effect of core.handle(event, this.#nowMs)) this.#perform(device, effect);
    this.#arm(device);
  }

  #arm(device: number): void {
    const core = this.#devices[device];
    const atMs = core?.deadline()?.atMs;
    if (core === undefined || atMs === undefined || this.#wakes.get(device) === atMs) return;
    this.#wakes.set(device, atMs);
    this.#after(Math.max(0, atMs - this.#nowMs), () => {
      if (this.#wakes.get(device) !== atMs) return;
      this.#wakes.delete(device);
      for (const effect of core.tick(this.#nowMs)) this.#perform(device, effect);
      this.#arm(device);
    });
  }

  #perform(device: number, effect: RegistrationEffect): void {
    switch (effect.type) {
      case 'openAccess':
        return this.#after(HANDSHAKE_MS, () => this.#connect(device, effect.target.gateway));
      case 'publish': {
        const { publishId, payload } = effect.message;
        return this.#after(ROUND_TRIP_MS, () => {
          this.#hear(device, { type: 'publishAcknowledged', publishId, reasonCode: 0 });
          this.#hear(device, { type: 'lifeReceived', life: birthIn(payload), retained: false });
        });
      }
      case 'registered':
        this.registered.push({ device, atMs: this.#nowMs });
        return;
      case 'identityMisused':
        this.alarms.push({ device, atMs: this.#nowMs });
        return;
      default:
        return;
    }
  }

  #connect(device: number, gateway: string): void {
    if (!this.#isOpen && gateway === this.#restarting) {
      this.#hear(device, { type: 'channelClosed', code: 'ECONNREFUSED', text: 'nobody listens' });
      return;
    }
    this.accepted.push({ device, gateway, atMs: this.#nowMs });
    if (this.#isOneIdentity) {
      for (const other of this.#connected.keys()) {
        this.takeovers.push({ device, atMs: this.#nowMs });
        this.#end(other, 'EMQTT_0x8e', 0x8e);
      }
    }
    this.#connected.set(device, gateway);
    const properties = { 'ccn-area': config.area, 'spread-ms': String(this.#spreadMs) };
    this.#hear(device, { type: 'channelOpened', sessionPresent: false, properties });
  }

  #end(device: number, code: string, reasonCode?: number): void {
    this.#connected.delete(device);
    const reason = reasonCode === undefined ? {} : { reasonCode };
    this.#hear(device, { type: 'channelClosed', code, text: 'the gateway hung up', ...reason });
  }
}
