/**
 * Rotates the key pair one WireGuard tunnel shows.
 *
 * A device shows one key at a time and a peer knows one key of ours at a time: so the far end accepts the next one
 * besides, we show it, and the far end follows (`wireguard-follower.ts`). What is under way lies in the register and
 * outlives the agent. A key pair that was told and not taken stays: it is tried again, and nobody has to be told anew.
 */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  concerning,
  mayMove,
  type Rotation,
  rotationFacts,
  rotationIn,
  shownName,
} from '../../engine/rotation.ts';
import { EngineRefused, type RotationStage } from '../../engine-port.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';
import type { EngineRegister, RegisterEntry } from '../engine/engine-register.ts';
import { loadWireGuardKey, type WireGuardKey } from './wireguard-key.ts';
import type { WireGuardTool } from './wireguard-tool.ts';

export class WireGuardRotation {
  readonly #stateDirectory: string;
  readonly #keyName: string;
  readonly #register: EngineRegister;
  readonly #tool: WireGuardTool;

  constructor(
    stateDirectory: string,
    keyName: string,
    register: EngineRegister,
    tool: WireGuardTool,
  ) {
    this.#stateDirectory = stateDirectory;
    this.#keyName = keyName;
    this.#register = register;
    this.#tool = tool;
  }

  /** The key pair a tunnel shows, whatever its rotation left unfinished. */
  async shownKey(spec: TunnelSpec): Promise<WireGuardKey> {
    return this.#key(this.#shown(spec));
  }

  /** Whoever led a rotation is gone: a specification that names where it led means that it is over, or never was. */
  async settle(spec: TunnelSpec): Promise<void> {
    const entry = this.#register.entryOf(spec.deviceName);
    const rotation = rotationIn('own', entry);
    if (entry === undefined || rotation === undefined) return;
    await this.#keep(spec, settled(rotation, this.#named(spec)));
  }

  /** Answers `prepare` with the public half of what is going to be shown. */
  async advance(spec: TunnelSpec, stage: RotationStage): Promise<string | undefined> {
    const entry = this.#register.entryOf(spec.deviceName);
    const rotation = rotationIn('own', entry);
    if (stage.stage === 'prepare') return this.#prepare(spec, rotation, stage.next);
    if (rotation === undefined || !mayMove(rotation, stage.stage)) {
      throw new EngineRefused('EENGINE_ROTATION', `${spec.id}: cannot ${stage.stage} now`);
    }
    await this.#keep(spec, await this.#move(spec, rotation, stage.stage));
    return undefined;
  }

  async #prepare(
    spec: TunnelSpec,
    rotation: Rotation | undefined,
    next: Extract<RotationStage, { readonly stage: 'prepare' }>['next'],
  ): Promise<string> {
    if (next.kind !== 'own-key') {
      throw new EngineRefused('EENGINE_UNSUPPORTED', 'WireGuard has no such identity');
    }
    const base = this.#shown(spec);
    const target = this.#nameOf(spec, next.generation);
    const { publicKey } = await this.#key(target);
    if (target === base) return publicKey;
    // One that was prepared and is not wanted any more leads nowhere.
    const former = rotation?.stand === 'prepared' ? rotation.target : undefined;
    await this.#keep(spec, { base, target, stand: 'prepared' });
    if (former !== undefined && former !== target) await this.#forget(former);
    return publicKey;
  }

  async #move(
    spec: TunnelSpec,
    rotation: Rotation,
    stage: 'switch' | 'retire' | 'back',
  ): Promise<Rotation | undefined> {
    const { base, target } = rotation;
    switch (stage) {
      case 'switch':
        await this.#show(spec, target);
        return { ...rotation, stand: 'switched' };
      case 'retire':
        await this.#forget(base);
        return { ...rotation, stand: 'retired' };
      case 'back':
        await this.#show(spec, base);
        // Nothing else says what is shown when it is not what the specification names.
        return { base: target, target: base, stand: 'retired' };
    }
  }

  async #show(spec: TunnelSpec, name: string): Promise<void> {
    await this.#tool.set(spec.deviceName, ['private-key', (await this.#key(name)).file]);
  }

  async #keep(spec: TunnelSpec, rotation: Rotation | undefined): Promise<void> {
    const { ownBase: _b, ownTarget: _t, ownStand: _s, ...rest } = this.#entry(spec);
    const facts = rotationFacts('own', rotation);
    await this.#register.put(spec.deviceName, { ...rest, tunnel: spec.id, ...facts });
  }

  #entry(spec: TunnelSpec): RegisterEntry {
    return this.#register.entryOf(spec.deviceName) ?? { tunnel: spec.id };
  }

  #shown(spec: TunnelSpec): string {
    const named = this.#named(spec);
    const rotation = rotationIn('own', this.#entry(spec));
    const own = named === undefined ? rotation : concerning(rotation, named);
    return shownName(own, named ?? this.#keyName);
  }

  /** Undefined while the next one is not accepted: then nothing is said of what is shown. */
  #named(spec: TunnelSpec): string | undefined {
    const { ownKey } = spec;
    if (ownKey === undefined) return this.#keyName;
    return ownKey.accepted === undefined ? undefined : this.#nameOf(spec, ownKey.generation);
  }

  #nameOf({ deviceName }: TunnelSpec, generation: number): string {
    return generation === 0 ? this.#keyName : `${deviceName}-${generation}`;
  }

  #key(name: string): Promise<WireGuardKey> {
    return loadWireGuardKey(this.#stateDirectory, name);
  }

  /** The key pair of the whole device stays: other tunnels may show it. */
  async #forget(name: string): Promise<void> {
    if (name === this.#keyName) return;
    await unlink(join(this.#stateDirectory, `${name}.key`)).catch(() => undefined);
  }
}

/** Where a rotation stands that nobody leads any more; undefined: what is named is shown. */
function settled(rotation: Rotation, named: string | undefined): Rotation | undefined {
  if (named === rotation.target) return { ...rotation, stand: 'retired' };
  if (rotation.stand === 'retired') return named === undefined ? rotation : undefined;
  return { ...rotation, stand: 'prepared' };
}
