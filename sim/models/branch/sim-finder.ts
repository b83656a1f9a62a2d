/**
 * The shipped core of gateway names in the simulated world: it asks the world's name servers over the uplink of an
 * attempt, and keeps what has proved itself on the branch's disk.
 */
import type { AddressFinder, Hands, Sought } from '../../../agent/access/names/address-finder.ts';
import { GatewayNames } from '../../../agent/access/names/gateway-names.ts';
import type { NameEffect, NameEvent } from '../../../agent/access/names/name-events.ts';
import { NameSearches } from '../../../agent/access/names/name-searches.ts';
import type { KeptName } from '../../../agent/model/gateway-name.ts';
import type { NameNote } from '../../../agent/model/notes/name-note.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import type { World } from '../../world/world.ts';
import type { NameServers } from '../far-end/name-servers.ts';

export interface SimFinderOptions {
  readonly world: World;
  readonly servers: NameServers;
  /** Whether packets from this address reach the name servers now, and come back. */
  readonly isOpen: (sourceAddress: string | undefined) => boolean;
  readonly kept: readonly KeptName[];
  readonly keep: (names: readonly KeptName[]) => void;
  readonly onNote: (note: NameNote) => void;
}

export class SimFinder implements AddressFinder {
  readonly #options: SimFinderOptions;
  readonly #driver: Driver<NameEvent, NameEffect>;
  readonly #searches: NameSearches;

  constructor(options: SimFinderOptions) {
    const { world, kept } = options;
    this.#options = options;
    this.#driver = new Driver({
      core: new GatewayNames(kept),
      clock: world.clock,
      alarm: world.alarm('gateway names'),
      perform: (effect) => this.#perform(effect),
    });
    this.#searches = new NameSearches({
      post: (event) => this.#driver.post(event),
      hostsOf: () => [],
      wallMs: () => world.wall.wallMs(),
    });
  }

  find(sought: Sought, hands: Hands): () => void {
    return this.#searches.find(sought, hands);
  }

  /** The process it lived in is gone. */
  stop(): void {
    this.#driver.stop();
    this.#searches.close();
  }

  #perform(effect: NameEffect): void {
    switch (effect.type) {
      case 'askQuestion':
        return this.#ask(effect);
      case 'cancelQuestion':
        // What is said after all is not heard: the core has forgotten the question.
        return undefined;
      case 'dialAddress':
      case 'dropDial':
      case 'searchFailed':
        return this.#searches.perform(effect);
      case 'keepNames':
        return this.#options.keep(effect.names);
      case 'noted':
        return this.#options.onNote(effect.note);
    }
  }

  /** A question or an answer that does not get through is lost, and is not asked again. */
  #ask({
    questionId,
    name,
    family,
    sourceAddress,
  }: Extract<NameEffect, { readonly type: 'askQuestion' }>): void {
    const { servers, isOpen } = this.#options;
    if (!isOpen(sourceAddress)) return;
    servers.ask(name, family, (answer) => {
      if (!isOpen(sourceAddress)) return;
      this.#driver.post(
        answer.ok
          ? { type: 'questionAnswered', questionId, addresses: answer.addresses }
          : { type: 'questionFailed', questionId, code: answer.code },
      );
    });
  }
}
