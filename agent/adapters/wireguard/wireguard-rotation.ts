/**
 * Rotates the two keys of one WireGuard tunnel: our own pair, and the far end's public key.
 *
 * A peer knows one key of ours at a time, so the far end adds the new one first (without addresses), we show it, and
 * the far end moves the addresses over. What is under way lies in the register and outlives the agent.
 */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  besideName,
  concerning,
  mayMove,
  type Rotation,
  rotationFacts,
  rotationIn,
  shownName,
} from '../../engine/rotation.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';
import { EngineRefused, type RotationStage } from '../../ports.ts';
import type { RegisterEntry } from '../engine/engine-register.ts';
import { loadWireGuardKey, type WireGuardKey } from './wireguard-key.ts';
import { ALLOWED_IPS, type WireGuardTool } from './wireguard-tool.ts';

export interface WireGuardIdentities {
  readonly ownKey: WireGuardKey;
  readonly remoteKey: string;
  /** A key of the far end that stays beside it, without addresses. */
  readonly acceptedKey: string | undefined;
}

export interface RotationOutcome {
  readonly entry: RegisterEntry;
  /** Our new public key, when one was made. */
  readonly shown: string | undefined;
}

const NO_OWN_ROTATION = 'tunnel';

export class WireGuardRotation {
  readonly #stateDirectory: string;
  readonly #keyName: string;
  readonly #tool: WireGuardTool;

  constructor(stateDirectory: string, keyName: string | undefined, tool: WireGuardTool) {
    this.#stateDirectory = stateDirectory;
    this.#keyName = keyName ?? NO_OWN_ROTATION;
    this.#tool = tool;
  }

  /** The keys a tunnel has now, whatever its rotation left unfinished. */
  async identities(
    spec: TunnelSpec,
    entry: RegisterEntry | undefined,
  ): Promise<WireGuardIdentities> {
    const own = rotationIn('own', entry);
    const remote = concerning(rotationIn('remote', entry), spec.remotePublicKey);
    return {
      ownKey: await this.#key(shownName(own, this.#keyName)),
      remoteKey: shownName(remote, spec.remotePublicKey),
      acceptedKey: besideName(remote),
    };
  }

  async advance(
    spec: TunnelSpec,
    entry: RegisterEntry,
    stage: RotationStage,
  ): Promise<RotationOutcome> {
    const own = rotationIn('own', entry);
    const remote = concerning(rotationIn('remote', entry), spec.remotePublicKey);
    const isOwn =
      stage.stage === 'prepare'
        ? stage.next.kind === 'own-key'
        : own !== undefined && (own.stand !== 'retired' || remote === undefined);
    const before = isOwn ? own : remote;
    if (!mayMove(before, stage.stage)) {
      throw new EngineRefused('EENGINE_ROTATION', `${spec.id}: cannot ${stage.stage} now`);
    }
    const next = isOwn
      ? await this.#moveOwn(spec, own, stage)
      : await this.#moveRemote(spec, remote, stage);
    const facts = isOwn
      ? { ...rotationFacts('own', next), ...rotationFacts('remote', remote) }
      : { ...rotationFacts('own', own), ...rotationFacts('remote', next) };
    const prepared = isOwn && stage.stage === 'prepare' && next !== undefined;
    const shown = prepared ? (await this.#key(next.target)).publicKey : undefined;
    return { entry: { tunnel: spec.id, ...facts }, shown };
  }

  async #moveOwn(
    spec: TunnelSpec,
    rotation: Rotation | undefined,
    stage: RotationStage,
  ): Promise<Rotation | undefined> {
    const show = async (name: string): Promise<void> => {
      await this.#tool.set(spec.deviceName, ['private-key', (await this.#key(name)).file]);
    };
    if (stage.stage === 'prepare') {
      const base = rotation?.target ?? this.#keyName;
      const target =
        base === `${spec.deviceName}-a` ? `${spec.deviceName}-b` : `${spec.deviceName}-a`;
      await this.#forget(target);
      await this.#key(target);
      return { base, target, stand: 'prepared' };
    }
    if (rotation === undefined) return undefined;
    if (stage.stage === 'switch') {
      await show(rotation.target);
      return { ...rotation, stand: 'switched' };
    }
    if (stage.stage === 'retire') {
      // The key of the whole device stays: other tunnels may show it.
      if (rotation.base !== this.#keyName) await this.#forget(rotation.base);
      return { ...rotation, stand: 'retired' };
    }
    await show(rotation.base);
    await this.#forget(rotation.target);
    return rotation.base === this.#keyName
      ? undefined
      : { ...rotation, target: rotation.base, stand: 'retired' };
  }

  async #moveRemote(
    spec: TunnelSpec,
    rotation: Rotation | undefined,
    stage: RotationStage,
  ): Promise<Rotation | undefined> {
    const set = async (...words: readonly string[]): Promise<void> =>
      this.#tool.set(spec.deviceName, words);
    if (stage.stage === 'prepare') {
      if (stage.next.kind !== 'remote-key') {
        throw new EngineRefused('EENGINE_UNSUPPORTED', 'WireGuard has no such identity');
      }
      const base = rotation?.target ?? spec.remotePublicKey;
      const endpoint = await this.#tool.endpointOf(spec.deviceName, base);
      const place = endpoint === undefined ? [] : ['endpoint', endpoint];
      await set('peer', stage.next.publicKey, ...place);
      return { base, target: stage.next.publicKey, stand: 'prepared' };
    }
    if (rotation === undefined) return undefined;
    const { base, target } = rotation;
    if (stage.stage === 'switch') {
      await set('peer', target, 'allowed-ips', ALLOWED_IPS);
      return { ...rotation, stand: 'switched' };
    }
    if (stage.stage === 'retire') {
      await set('peer', base, 'remove');
      return { ...rotation, stand: 'retired' };
    }
    await set('peer', base, 'allowed-ips', ALLOWED_IPS, 'peer', target, 'remove');
    return undefined;
  }

  #key(name: string): Promise<WireGuardKey> {
    return loadWireGuardKey(this.#stateDirectory, name);
  }

  async #forget(name: string): Promise<void> {
    await unlink(join(this.#stateDirectory, `${name}.key`)).catch(() => undefined);
  }
}
