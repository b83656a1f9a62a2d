/**
 * The engines of this appliance behind one port: each tunnel goes to the engine its specification names.
 *
 * A tunnel that changes its engine leaves the old one first, because both would give their device the same name.
 */

import {
  type EngineEvent,
  EngineRefused,
  type RotationStage,
  type TunnelEndpoints,
  type TunnelEngine,
} from '../../engine-port.ts';
import type { EngineTunnelStatus } from '../../model/engine-status.ts';
import type { EngineKind, TunnelId, TunnelSpec } from '../../model/tunnel.ts';
import type { AwaitedEngine, EngineWatcher } from './awaited-engine.ts';

export class EngineRack implements Omit<TunnelEngine, 'capabilities' | 'onNote'> {
  readonly #engines: readonly AwaitedEngine[];
  /** Which engine has a tunnel; the ones of a former run are known once they were listed. */
  readonly #homes = new Map<TunnelId, AwaitedEngine>();

  constructor(engines: readonly AwaitedEngine[]) {
    this.#engines = engines;
  }

  watch(watcher: EngineWatcher): void {
    for (const engine of this.#engines) engine.watch(watcher);
  }

  /** Of the one engine that has a key; empty while it is missing. */
  async publicKey(): Promise<string> {
    const keys = await Promise.all(this.#engines.map(async (engine) => engine.publicKey()));
    return keys.find((key) => key !== '') ?? '';
  }

  async ensure(spec: TunnelSpec): Promise<void> {
    const engine = this.#of(spec.engine);
    const home = this.#homes.get(spec.id);
    if (home !== undefined && home !== engine) await this.remove(spec.id);
    await engine.ensure(spec);
    this.#homes.set(spec.id, engine);
  }

  async initiate(id: TunnelId, waitMs: number): Promise<void> {
    return this.#home(id).initiate(id, waitMs);
  }

  async status(id: TunnelId): Promise<EngineTunnelStatus | undefined> {
    return this.#homes.get(id)?.status(id);
  }

  async setEndpoint(id: TunnelId, endpoints: TunnelEndpoints): Promise<void> {
    return this.#home(id).setEndpoint(id, endpoints);
  }

  async rotateIdentity(id: TunnelId, stage: RotationStage): Promise<string | undefined> {
    return this.#home(id).rotateIdentity(id, stage);
  }

  async rekeyNow(id: TunnelId): Promise<void> {
    return this.#home(id).rekeyNow(id);
  }

  async remove(id: TunnelId): Promise<void> {
    await this.#homes.get(id)?.remove(id);
    this.#homes.delete(id);
  }

  async list(): Promise<readonly EngineTunnelStatus[]> {
    const lists = await Promise.all(
      this.#engines.map(async (engine) => {
        const found = await engine.list();
        for (const { id } of found) this.#homes.set(id, engine);
        return found;
      }),
    );
    return lists.flat();
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    for (const engine of this.#engines) engine.onEvent(listener);
  }

  async close(tunnels: 'keep' | 'remove'): Promise<void> {
    await Promise.all(this.#engines.map(async (engine) => engine.close(tunnels)));
  }

  #of(kind: EngineKind): AwaitedEngine {
    const engine = this.#engines.find((each) => each.kind === kind);
    if (engine !== undefined) return engine;
    throw new EngineRefused('EENGINE_MISSING', `this device has no engine for ${kind}`);
  }

  #home(id: TunnelId): AwaitedEngine {
    const engine = this.#homes.get(id);
    if (engine !== undefined) return engine;
    throw new EngineRefused('EENGINE_UNKNOWN', `${id} was never ensured`);
  }
}
