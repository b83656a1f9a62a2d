/**
 * Gives the uplinks of a device that enrols a kernel, a disk and the clients that get addresses, until the agent proper
 * takes over what was set.
 */
import { liveClock, timeoutAlarm } from '../../../firmware-shim/adapters/live-clock.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { ROUTE_PROTOCOL } from '../../../firmware-shim/kernel/types.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import type { EnrolmentPath } from '../../access/enrolment-events.ts';
import { readRestored } from '../../contract/restored.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { Note } from '../../model/note.ts';
import type { UplinkId } from '../../model/uplink.ts';
import type { WanAnswer, WanAsk, WanSnapshot } from '../../model/wan.ts';
import {
  FirstUplinks,
  type FirstUplinksEffect,
  type FirstUplinksEvent,
} from '../../wiring/first-uplinks.ts';
import type { GatewayFinder } from '../names/gateway-finder.ts';
import { resultOf } from '../port-result.ts';
import type { SqliteStore } from '../store/sqlite-store.ts';
import { WanClients } from './wan-clients.ts';
import { WanQuestions } from './wan-questions.ts';

export interface FirstWanOptions {
  readonly config: AgentConfig;
  readonly random: Random;
  readonly store: Pick<SqliteStore, 'loadNow' | 'put'>;
  /** Learns of the name servers that were set or given. */
  readonly finder: GatewayFinder;
  readonly onPaths: (paths: readonly EnrolmentPath[]) => void;
  readonly onNote: (note: Note) => void;
}

export class FirstWan {
  readonly #options: FirstWanOptions;
  readonly #core: FirstUplinks;
  readonly #driver: Driver<FirstUplinksEvent, FirstUplinksEffect>;
  readonly #kernel: Kernel = openKernel();
  readonly #clients: WanClients;
  readonly #questions = new WanQuestions();
  #lastPut: Promise<unknown> = Promise.resolve();

  constructor(options: FirstWanOptions) {
    const { config, random, finder, store } = options;
    this.#options = options;
    this.#core = new FirstUplinks(config, random);
    this.#driver = new Driver({
      core: this.#core,
      clock: liveClock,
      alarm: timeoutAlarm,
      perform: (effect) => this.#perform(effect),
    });
    this.#clients = new WanClients({
      ...config,
      random,
      names: finder,
      onTold: (uplink, told) => this.#driver.post({ type: 'wanTold', uplink, told }),
    });
    const { wan: record } = readRestored((shelf) => store.loadNow(shelf));
    this.#driver.post({ type: 'wanRestored', record });
    this.#kernel.mirror(
      ({ changes: events }) => this.#driver.post({ type: 'kernelChanged', events }),
      { protocol: ROUTE_PROTOCOL },
    );
  }

  snapshot(): WanSnapshot {
    return this.#core.snapshot();
  }

  /** A technician at the box sets how an uplink gets its address. */
  async ask(ask: WanAsk): Promise<WanAnswer> {
    return this.#questions.ask(ask, (event) => this.#driver.post(event));
  }

  /** A gateway has answered; over that uplink, where one was chosen. */
  reached(uplink: UplinkId | undefined): void {
    this.#driver.post({ type: 'gatewayReached', uplink });
  }

  /** What was set stays set, and what was kept is on the disk. */
  async close(): Promise<void> {
    await this.#lastPut;
    this.#driver.stop();
    await this.#clients.close();
    this.#kernel.close();
  }

  #perform(effect: FirstUplinksEffect): void {
    switch (effect.type) {
      case 'performKernel': {
        const { stepId, operation } = effect;
        return this.#kernel.perform(operation, (done) => {
          const result = done.ok ? done : ({ ok: false, ...done.refusal } as const);
          this.#driver.post({ type: 'stepAnswered', stepId, result });
        });
      }
      case 'orderWan':
        return this.#clients.order(effect.clients, effect.nameServers);
      case 'wanAnswered':
        return this.#questions.answered(effect);
      case 'storePut':
        return this.#put(effect);
      case 'pathsChanged':
        return this.#options.onPaths(effect.paths);
      case 'noted':
        return this.#options.onNote(effect.note);
    }
  }

  #put({ shelf, key, value }: Extract<FirstUplinksEffect, { readonly type: 'storePut' }>): void {
    const stored = resultOf(this.#options.store.put(shelf, key, value));
    this.#lastPut = stored.then(({ ok }) => this.#driver.post({ type: 'storeAnswered', key, ok }));
  }
}
