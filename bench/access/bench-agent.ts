/**
 * The control wiring of the agent with its real store and its real channel; whatever else it asks for is not part of what
 * is measured, and is not done.
 */
import { join } from 'node:path';
import { MqttChannel } from '../../agent/adapters/access/mqtt-channel.ts';
import { SqliteStore } from '../../agent/adapters/store/sqlite-store.ts';
import { readAccessEvent } from '../../agent/contract/access-intake.ts';
import { readRestored } from '../../agent/contract/restored.ts';
import type { AgentConfig } from '../../agent/model/config.ts';
import type { Note } from '../../agent/model/note.ts';
import type { UplinkVerdict } from '../../agent/model/uplink.ts';
import type { ControlEffect, ControlEvent } from '../../agent/wiring/control-events.ts';
import { ControlWiring } from '../../agent/wiring/control-wiring.ts';
import { liveClock, timeoutAlarm } from '../../firmware-shim/adapters/live-clock.ts';
import { Driver } from '../../firmware-shim/base/drive.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import type { Authority, IssuedCertificate } from '../../sim/live/certificates.ts';

const SERIAL_NUMBER = 'sag-bench';
const LOOPBACK = '127.0.0.1';
/** A gateway on this machine that has not answered by then is broken. */
const ANSWER_MS_MAX = 10_000;

export interface BenchAgentPlaces {
  readonly directory: string;
  readonly authority: Authority;
  readonly port: number;
}

export class BenchAgent {
  readonly #store: SqliteStore;
  readonly #channel: MqttChannel;
  readonly #driver: Driver<ControlEvent, ControlEffect>;
  #onNote: ((note: Note) => void) | undefined;
  /** Times the store was asked to keep or forget something. */
  commits = 0;

  /** Resolves when the agent is registered. */
  static async start(places: BenchAgentPlaces): Promise<BenchAgent> {
    const issued = await places.authority.issueDevice({ serialNumber: SERIAL_NUMBER });
    const agent = new BenchAgent(places, issued);
    const registered = agent.#noted(({ code }) => code === 'registered');
    agent.#begin();
    await registered;
    // What registering itself raises shall not be taken for a sample.
    await agent.linkEventMs('down');
    await agent.linkEventMs('up');
    return agent;
  }

  private constructor({ directory, authority, port }: BenchAgentPlaces, issued: IssuedCertificate) {
    this.#store = new SqliteStore({
      directory: join(directory, 'state'),
      onQuarantine: (path) => fail(`${path} is damaged`),
      onVolatile: (path) => fail(`${path} cannot be used`),
    });
    this.#channel = new MqttChannel({
      certificate: issued.certificatePem,
      key: issued.keyPem,
      ca: authority.certificatePem,
      clientId: SERIAL_NUMBER,
      keepAliveS: 30,
      trustedMs: () => Date.now(),
    });
    const core = new ControlWiring({
      config: configOf(directory, port),
      bootId: 'bench-boot',
      inventory: { serialNumber: SERIAL_NUMBER, agentVersion: 'bench', host: {} },
      publicKey: '',
      random: new SeededRandom(1),
      wall: { wallMs: () => Date.now() },
    });
    const perform = (effect: ControlEffect): void => this.#perform(effect);
    this.#driver = new Driver({ core, clock: liveClock, alarm: timeoutAlarm, perform });
  }

  async linkEventMs(state: UplinkVerdict['state']): Promise<number> {
    const stored = this.#noted(({ code }) => code === 'eventStored');
    const startMs = performance.now();
    this.#tellUplink('wan2', state);
    await stored;
    return performance.now() - startMs;
  }

  /** What a proof of life costs, and a little more: birth and echo, and the whole state with them. */
  beBornAgain(): void {
    this.#driver.post({ type: 'rebirthRequested' });
  }

  async close(): Promise<void> {
    this.#driver.stop();
    this.#channel.close('bye');
    await this.#channel.closed();
    await this.#store.close();
  }

  #begin(): void {
    this.#driver.start();
    this.#driver.post(readRestored((shelf) => this.#store.loadNow(shelf)));
    this.#tellUplink('wan1', 'up');
    this.#tellUplink('wan2', 'up');
  }

  #tellUplink(uplink: string, state: UplinkVerdict['state']): void {
    const atMs = liveClock.nowMs();
    const verdict: UplinkVerdict =
      state === 'up'
        ? { state, sinceMs: atMs, address: LOOPBACK }
        : { state, sinceMs: atMs, reason: 'no-carrier-kernel' };
    this.#driver.post({ type: 'uplinkChanged', uplink, verdict, atMs });
  }

  async #noted(isWanted: (note: Note) => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error('the gateway does not answer')), ANSWER_MS_MAX);
    this.#onNote = (note) => {
      if (isWanted(note)) resolve();
    };
    await promise.finally(() => clearTimeout(timer));
  }

  #perform(effect: ControlEffect): void {
    switch (effect.type) {
      case 'openAccess':
        return this.#channel.open(effect.target, effect.will, (event) =>
          this.#driver.post(readAccessEvent(event)),
        );
      case 'publish':
        return this.#channel.publish(effect.message);
      case 'subscribe':
        return this.#channel.subscribe(effect.topics);
      case 'closeAccess':
        return this.#channel.close(effect.how);
      case 'storePut': {
        const { shelf, key, value } = effect;
        this.commits += 1;
        void this.#store
          .put(shelf, key, value)
          .then(() => this.#driver.post({ type: 'storeAnswered', shelf, key, ok: true }));
        return;
      }
      case 'storeRemove':
        this.commits += 1;
        void this.#store.remove(effect.shelf, effect.keys);
        return;
      case 'noted':
        this.#onNote?.(effect.note);
        return;
      default:
        return;
    }
  }
}

function configOf(directory: string, port: number): AgentConfig {
  const wired = { kind: 'wired', weight: 100, use: 'data', gateway: LOOPBACK } as const;
  const file = join(directory, 'ca.crt');
  return {
    tenant: 'acme',
    area: 'Mainland China',
    stateDirectory: join(directory, 'state'),
    controlSocket: join(directory, 'agent.sock'),
    board: { path: join(directory, 'no-board'), baudRate: 115_200 },
    uplinks: [
      { ...wired, id: 'wan1', deviceName: 'wan1', priority: 1 },
      { ...wired, id: 'wan2', deviceName: 'wan2', priority: 2 },
    ],
    lanPrefixes: [],
    access: {
      certificateFile: file,
      keyFile: file,
      caFile: file,
      keepAliveS: 30,
      gateways: [{ id: 'gwa', address: LOOPBACK, port, serverName: 'gwa' }],
    },
    logLevel: 'error',
  };
}

function fail(sentence: string): never {
  throw new Error(sentence);
}
