/**
 * Commands a branch in every order and disorder, and keeps a book of which of them it may obey, and until when.
 */
import type { Command, CommandStatus } from '../../../agent/access/payloads.ts';
import { topicsOf } from '../../../agent/access/topics.ts';
import { TENANT } from '../../lab/branch-config.ts';
import { CommandIssuer, type Order } from '../../live/command-issuer.ts';
import type { Misdeed } from '../../world/faults/cloud-faults.ts';
import type { World } from '../../world/world.ts';
import { SERIAL_NUMBER } from '../branch/branch-site.ts';
import type { GatewayStore } from './gateway-store.ts';

const MINUTE_MS = 60_000;
/** A gateway repeats what was not acknowledged; three times are enough to find a device that obeys each. */
const REPEATED_AFTER_MS = [40, 3_000] as const;

export interface Commanded {
  readonly command: Command;
  /** Whether the branch may obey it at all. */
  readonly isProper: boolean;
}

export class CommandClerk {
  readonly #world: World;
  readonly #store: GatewayStore;
  readonly #issuer: CommandIssuer;
  readonly #book = new Map<string, Commanded>();
  /** As the device has said itself: their nonces are used up. */
  readonly #obeyed: Command[] = [];
  #ids = 0;

  constructor(world: World, store: GatewayStore) {
    this.#world = world;
    this.#store = store;
    this.#issuer = new CommandIssuer(TENANT, { newId: () => this.#newId() });
  }

  get issuer(): CommandIssuer {
    return this.#issuer;
  }

  /** What is known of a command; undefined for one nobody issued. */
  commanded(id: string): Commanded | undefined {
    return this.#book.get(id);
  }

  /** The device tells what became of a command. */
  hear(topic: string, payload: Uint8Array): void {
    if (!topic.endsWith('/status')) return;
    const { id, state } = JSON.parse(new TextDecoder().decode(payload)) as CommandStatus;
    const { command } = this.#book.get(id) ?? {};
    if (state === 'Succeed' && command !== undefined) this.#obeyed.push(command);
  }

  command(order: Order, misdeed: Misdeed): void {
    const issued = this.#issuer.issue(SERIAL_NUMBER, order, this.#world.trueWallMs);
    const command = this.#spoilt(issued, misdeed);
    const isHeard = this.#send(command, misdeed === 'retained');
    const isSpoilt = !['none', 'repeated', 'retained'].includes(misdeed) && command !== issued;
    // Who is there when a retained command is published cannot tell it from another (MQTT 5, 3.3.1.3).
    const isProper = !isSpoilt && (isHeard || misdeed !== 'retained');
    this.#book.set(command.id, { command, isProper });
    if (misdeed !== 'repeated') return;
    for (const afterMs of REPEATED_AFTER_MS) {
      this.#world.after(afterMs, 'command again', () => this.#send(command, false));
    }
  }

  #spoilt(issued: Command, misdeed: Misdeed): Command {
    const { trueWallMs } = this.#world;
    switch (misdeed) {
      case 'expired':
        return this.#signed({ ...issued, expiresAtMs: trueWallMs - MINUTE_MS });
      case 'endless':
        return this.#signed({ ...issued, expiresAtMs: trueWallMs + 30 * MINUTE_MS });
      case 'unsigned': {
        const { signature: _, nonce: __, ...bare } = issued;
        return bare;
      }
      case 'forged':
        return { ...issued, expiresAtMs: issued.expiresAtMs + 1 };
      case 'misdirected':
        return this.#issuer.sign('sag-sim-9999', issued);
      case 'replayed': {
        const former = this.#obeyed[0];
        return former?.nonce === undefined
          ? issued
          : this.#signed({ ...issued, nonce: former.nonce });
      }
      case 'none':
      case 'repeated':
      case 'retained':
        return issued;
    }
  }

  #signed(command: Command): Command {
    return this.#issuer.sign(SERIAL_NUMBER, command);
  }

  #send(command: Command, retain: boolean): boolean {
    const topic = topicsOf(TENANT, SERIAL_NUMBER).commands.replace('+', command.id);
    const payload = new TextEncoder().encode(JSON.stringify(command));
    return this.#store.publish({ topic, payload, retain }) > 0;
  }

  #newId(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }
}
