/**
 * A tunnel engine that may not be there yet: its programs missing, its key damaged, its directory full.
 *
 * The agent runs without it, because board, uplinks, gateway and diagnosis need no tunnel and somebody has to say
 * what is missing. Until it is found every tunnel is refused with the reason, and it is looked for ever more slowly.
 */
import {
  type EngineEvent,
  EngineRefused,
  type RotationStage,
  type TunnelEndpoints,
  type TunnelEngine,
} from '../../engine-port.ts';
import type { EngineNote } from '../../model/notes/engine-note.ts';
import type { EngineKind, TunnelId, TunnelSpec } from '../../model/tunnel.ts';

/** As much of an engine as the agent uses. */
export type UsedEngine = Omit<TunnelEngine, 'capabilities'>;

export interface EngineWatcher {
  readonly onNote: (note: EngineNote) => void;
  /** It was missing at start and is there now. */
  readonly onFound: (publicKey: string) => void;
}

/** Somebody installs a package: a look every second at first, twice a minute in the long run. */
const LOOK_MS = { first: 1_000, max: 30_000 };

export class AwaitedEngine implements Omit<UsedEngine, 'onNote'> {
  readonly kind: EngineKind;
  readonly #open: () => Promise<UsedEngine>;
  readonly #listeners: ((event: EngineEvent) => void)[] = [];
  #engine: UsedEngine | undefined;
  #refusal = new EngineRefused('EENGINE_MISSING', 'the tunnel engine was not looked for yet');
  #watcher: EngineWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  readonly #lookMaxMs: number;
  #lookMs: number;
  #closed = false;

  private constructor(kind: EngineKind, open: () => Promise<UsedEngine>, lookMs: typeof LOOK_MS) {
    this.kind = kind;
    this.#open = open;
    this.#lookMs = lookMs.first;
    this.#lookMaxMs = lookMs.max;
  }

  /** Looks once; never rejects. */
  static async open(
    kind: EngineKind,
    open: () => Promise<UsedEngine>,
    lookMs = LOOK_MS,
  ): Promise<AwaitedEngine> {
    const awaited = new AwaitedEngine(kind, open, lookMs);
    await awaited.#look();
    return awaited;
  }

  /** Tells what is missing, and goes on looking for it. */
  watch(watcher: EngineWatcher): void {
    this.#watcher = watcher;
    if (this.#engine !== undefined) return;
    this.#noteMissing();
    this.#lookLater();
  }

  /** Empty while there is no engine. */
  async publicKey(): Promise<string> {
    return (await this.#engine?.publicKey()) ?? '';
  }

  async ensure(spec: TunnelSpec): Promise<void> {
    return this.#present().ensure(spec);
  }

  async initiate(id: TunnelId, waitMs: number): Promise<void> {
    return this.#present().initiate(id, waitMs);
  }

  async status(id: TunnelId): ReturnType<TunnelEngine['status']> {
    return this.#engine?.status(id);
  }

  async setEndpoint(id: TunnelId, endpoints: TunnelEndpoints): Promise<void> {
    return this.#present().setEndpoint(id, endpoints);
  }

  async rotateIdentity(id: TunnelId, stage: RotationStage): Promise<string | undefined> {
    return this.#present().rotateIdentity(id, stage);
  }

  async rekeyNow(id: TunnelId): Promise<void> {
    return this.#present().rekeyNow(id);
  }

  async remove(id: TunnelId): Promise<void> {
    return this.#present().remove(id);
  }

  async list(): ReturnType<TunnelEngine['list']> {
    return (await this.#engine?.list()) ?? [];
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#listeners.push(listener);
  }

  async close(tunnels: 'keep' | 'remove'): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#engine?.close(tunnels);
  }

  #present(): UsedEngine {
    if (this.#engine === undefined) throw this.#refusal;
    return this.#engine;
  }

  async #look(): Promise<void> {
    try {
      const engine = await this.#open();
      engine.onEvent((event) => {
        for (const listener of this.#listeners) listener(event);
      });
      engine.onNote((note) => this.#watcher?.onNote(note));
      this.#engine = engine;
    } catch (error) {
      const before = this.#refusal.message;
      this.#refusal = refusalOf(error);
      if (this.#refusal.message !== before) this.#noteMissing();
    }
  }

  #lookLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#lookAgain();
    }, this.#lookMs).unref();
    this.#lookMs = Math.min(this.#lookMaxMs, this.#lookMs * 2);
  }

  async #lookAgain(): Promise<void> {
    await this.#look();
    if (this.#engine === undefined) return this.#lookLater();
    const publicKey = await this.#engine.publicKey();
    if (this.#closed) return;
    this.#watcher?.onNote({ code: 'engineFound', level: 'notice', engine: this.kind });
    this.#watcher?.onFound(publicKey);
  }

  #noteMissing(): void {
    const { code: reason, message: because } = this.#refusal;
    const about = { engine: this.kind, reason, because };
    this.#watcher?.onNote({ code: 'engineMissing', level: 'error', ...about });
  }
}

function refusalOf(error: unknown): EngineRefused {
  if (error instanceof EngineRefused) return error;
  const { code } = error as { readonly code?: unknown };
  const text = error instanceof Error ? error.message : String(error);
  return new EngineRefused(typeof code === 'string' ? code : 'EENGINE_OPEN', text);
}
