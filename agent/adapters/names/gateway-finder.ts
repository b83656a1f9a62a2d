/**
 * Gives the core of gateway names a resolver, the hosts file, a disk and whatever dials: the one way in which this
 * agent gets from the name of a gateway to a connection.
 */
import { liveClock, timeoutAlarm } from '../../../firmware-shim/adapters/live-clock.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import type { AddressFinder, Hands, Sought } from '../../access/names/address-finder.ts';
import { GatewayNames } from '../../access/names/gateway-names.ts';
import type { NameEffect, NameEvent } from '../../access/names/name-events.ts';
import { NameSearches } from '../../access/names/name-searches.ts';
import { KEPT_NAMES_FILE, keepNames, readKeptNames } from '../../durable/kept-names.ts';
import type { GatewayNameSnapshot, KeptName } from '../../model/gateway-name.ts';
import type { NameNote } from '../../model/notes/name-note.ts';
import type { Files } from '../../ports.ts';
import { hostsFileAddresses } from './hosts-file.ts';
import { askName, waysOf } from './name-question.ts';
import { systemServers } from './system-servers.ts';

export interface GatewayFinderOptions {
  /** Where good addresses are kept; absent: nowhere. */
  readonly files?: Files;
  /** What is known already to whoever keeps nothing. */
  readonly kept?: readonly KeptName[];
  /** Of the box; absent: as its files say. */
  readonly servers?: () => readonly string[];
}

export class GatewayFinder implements AddressFinder {
  readonly #options: GatewayFinderOptions;
  readonly #core: GatewayNames;
  readonly #driver: Driver<NameEvent, NameEffect>;
  readonly #searches: NameSearches;
  readonly #questions = new Map<number, () => void>();
  #given: readonly string[] = [];
  /** Told once there is somebody to tell. */
  #untold: NameNote[] = [];
  #onNote: ((note: NameNote) => void) | undefined;

  constructor(options: GatewayFinderOptions = {}) {
    this.#options = options;
    const { files, kept = [] } = options;
    const { names, problem } = files === undefined ? { names: kept } : readKeptNames(files);
    this.#core = new GatewayNames(names);
    this.#driver = new Driver({
      core: this.#core,
      clock: liveClock,
      alarm: timeoutAlarm,
      perform: (effect) => this.#perform(effect),
    });
    this.#searches = new NameSearches({
      post: (event) => this.#driver.post(event),
      hostsOf: hostsFileAddresses,
      wallMs: () => Date.now(),
    });
    if (problem === undefined) return;
    const because = problem;
    this.#note({ code: 'gatewayAddressesLost', level: 'warning', path: KEPT_NAMES_FILE, because });
  }

  /** Who hears the notes from now on. */
  join(onNote: (note: NameNote) => void): void {
    this.#onNote = onNote;
    for (const note of this.#untold.splice(0)) onNote(note);
  }

  /** The name servers that were set or given for the uplinks. */
  use(servers: readonly string[]): void {
    this.#given = servers;
  }

  find(sought: Sought, hands: Hands): () => void {
    return this.#searches.find(sought, hands);
  }

  snapshot(): readonly GatewayNameSnapshot[] {
    return this.#core.snapshot(liveClock.nowMs(), Date.now());
  }

  /** Calls back everything that is still asked or dialled. */
  close(): void {
    this.#driver.stop();
    for (const callBack of this.#questions.values()) callBack();
    this.#searches.close();
  }

  #perform(effect: NameEffect): void {
    switch (effect.type) {
      case 'askQuestion':
        return this.#ask(effect);
      case 'cancelQuestion':
        this.#questions.get(effect.questionId)?.();
        this.#questions.delete(effect.questionId);
        return undefined;
      case 'dialAddress':
      case 'dropDial':
      case 'searchFailed':
        return this.#searches.perform(effect);
      case 'keepNames': {
        const { files } = this.#options;
        const kept = files === undefined ? undefined : keepNames(files, effect.names);
        if (kept?.ok !== false) return undefined;
        const { because } = kept;
        return this.#note({ code: 'gatewayAddressesNotKept', level: 'warning', because });
      }
      case 'noted':
        return this.#note(effect.note);
    }
  }

  #ask(effect: Extract<NameEffect, { readonly type: 'askQuestion' }>): void {
    const { questionId, sourceAddress } = effect;
    const { servers = systemServers } = this.#options;
    const ways = waysOf(this.#given, servers(), sourceAddress);
    const callBack = askName(effect, ways, (answer) => {
      this.#questions.delete(questionId);
      this.#driver.post(
        answer.ok
          ? { type: 'questionAnswered', questionId, addresses: answer.addresses }
          : { type: 'questionFailed', questionId, code: answer.code },
      );
    });
    this.#questions.set(questionId, callBack);
  }

  #note(note: NameNote): void {
    if (this.#onNote === undefined) this.#untold.push(note);
    else this.#onNote(note);
  }
}
