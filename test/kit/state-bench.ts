/**
 * Both cores of the desired state over a kernel, fake or real, on a branch with ten uplinks. Disk, engine and nft say
 * yes to everything.
 */
import { hashed } from '../../agent/contract/document-hash.ts';
import type { AgentConfig } from '../../agent/model/config.ts';
import type { DesiredDocument } from '../../agent/model/desired.ts';
import type { Note } from '../../agent/model/note.ts';
import { renderNote } from '../../agent/report/render-note.ts';
import { type StateEffect, type StateEvent, StateSide } from '../../agent/wiring/state-side.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import type { Kernel } from '../../firmware-shim/ports.ts';
import { BOOT_ID, config, desired, inventory, PUBLIC_KEY, received, up } from './branch.ts';

const UPLINKS = 10;

/** Of each uplink: its device with an address, and the gateway it is configured with. */
export const wideUplinks = Array.from({ length: UPLINKS }, (_, at) => ({
  name: `wan${at + 1}`,
  address: `10.91.${at + 1}.2/24`,
  gateway: `10.91.${at + 1}.1`,
}));

const wideConfig: AgentConfig = {
  ...config,
  uplinks: wideUplinks.map(({ name, gateway }) => ({
    id: name,
    kind: 'wired',
    deviceName: name,
    priority: 1,
    weight: 100,
    use: 'data',
    gateway,
  })),
};

const kept = desired({ tunnels: [], prefixes: [] });

/** Another gateway for each uplink; that of the fifth is in no network of this branch. */
export const refusedAtTheFifth: DesiredDocument = {
  ...kept,
  revision: 2,
  uplinks: wideUplinks.map(({ name }, at) => ({
    id: name,
    gateway: at === 4 ? '198.51.100.1' : `10.91.${at + 1}.254`,
  })),
};

type WanOrder = Extract<StateEffect, { readonly type: 'orderWan' }>;

export class StateBench {
  readonly side = new StateSide({
    config: wideConfig,
    bootId: BOOT_ID,
    inventory,
    publicKey: PUBLIC_KEY,
    random: new SeededRandom(5),
    wall: { wallMs: () => 0 },
  });
  readonly notes: Note[] = [];
  readonly #perform: Kernel['perform'];
  readonly #nowMs: () => number;
  readonly #onWan: ((order: WanOrder) => void) | undefined;
  #answers: StateEvent[] = [];

  constructor(perform: Kernel['perform'], nowMs: () => number, onWan?: (order: WanOrder) => void) {
    this.#perform = perform;
    this.#nowMs = nowMs;
    this.#onWan = onWan;
  }

  /** A document in force that was confirmed before, and a gateway that is reached. */
  start(): void {
    this.hear({ type: 'restored', confirmed: hashed(kept), trial: undefined });
    this.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    this.hear({ type: 'registrationChanged', registered: true });
  }

  receive(document: DesiredDocument): void {
    this.hear(received(document));
  }

  hear(event: StateEvent): void {
    this.#see(this.side.handle(event, this.#nowMs()));
  }

  tick(): void {
    this.#see(this.side.tick(this.#nowMs()));
  }

  /** What the log says of what was undone; undefined while nothing was. */
  get undone(): string | undefined {
    const note = this.notes.find(({ code }) => code === 'desiredUndone');
    return note && renderNote(note);
  }

  #see(effects: readonly StateEffect[]): void {
    for (const effect of effects) this.#do(effect);
    const answers = this.#answers;
    this.#answers = [];
    for (const answer of answers) this.hear(answer);
  }

  #do(effect: StateEffect): void {
    if (effect.type === 'noted') this.notes.push(effect.note);
    else if (effect.type === 'orderWan') this.#onWan?.(effect);
    else if (effect.type === 'storePut') {
      const { shelf, key } = effect;
      this.#answers.push({ type: 'storeAnswered', shelf, key, ok: true });
    } else if (effect.type === 'performKernel') {
      this.#perform(effect.operation, (result) => {
        const answer = result.ok ? result : ({ ok: false, ...result.refusal } as const);
        this.hear({ type: 'stepAnswered', stepId: effect.stepId, result: answer });
      });
    } else if ('stepId' in effect) {
      this.#answers.push({ type: 'stepAnswered', stepId: effect.stepId, result: { ok: true } });
    }
  }
}
