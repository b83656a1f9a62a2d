/**
 * The branch's tunnel engine: makes a tunnel's device on the branch's kernel a moment after it was asked to.
 *
 * Like the real one it is idempotent, and what it made outlives the agent.
 */

import type { EngineTunnelStatus } from '../../../agent/model/engine-status.ts';
import type { TunnelSpec } from '../../../agent/model/tunnel.ts';
import type { StepResult } from '../../../agent/state/reconciler-events.ts';
import type { World } from '../../world/world.ts';
import type { KernelHost } from '../kernel/kernel-host.ts';

export class BranchEngine {
  readonly #world: World;
  readonly #host: KernelHost;
  readonly #engineMs: number;
  readonly #made = new Map<string, TunnelSpec>();

  constructor(world: World, host: KernelHost, engineMs: number) {
    this.#world = world;
    this.#host = host;
    this.#engineMs = engineMs;
  }

  get tunnels(): readonly string[] {
    return [...this.#made.keys()];
  }

  specOf(tunnel: string): TunnelSpec | undefined {
    return this.#made.get(tunnel);
  }

  /** The tunnel whose device has this name. */
  tunnelOf(deviceName: string | undefined): string | undefined {
    return this.tunnels.find((id) => this.specOf(id)?.deviceName === deviceName);
  }

  ensure(spec: TunnelSpec, done: (result: StepResult) => void): void {
    this.#world.after(this.#engineMs, 'engine makes a tunnel', () => {
      const { id, deviceName, innerLocal, innerPrefixLength, mtu } = spec;
      const link = this.#host.kernel.linkNamed(deviceName);
      if (link !== undefined && link.mtu !== mtu) {
        this.#host.kernel.perform({ op: 'linkSet', index: link.index, mtu }, () => undefined);
      } else if (link === undefined) {
        const addresses = [`${innerLocal}/${innerPrefixLength}`];
        this.#host.addDevice({ name: deviceName, kind: 'wireguard', mtu, addresses });
      }
      this.#made.set(id, spec);
      done({ ok: true });
    });
  }

  /** The far end is called; whether it answers is for the sessions to find out. */
  initiate(tunnel: string, done: (result: StepResult) => void): void {
    this.#world.after(this.#engineMs, 'engine calls the far end', () => {
      const text = `${tunnel} was never ensured`;
      done(this.#made.has(tunnel) ? { ok: true } : { ok: false, code: 'EENGINE_UNKNOWN', text });
    });
  }

  /** Nothing is encrypted here, so there is nothing to count. */
  list(): readonly EngineTunnelStatus[] {
    return [...this.#made.values()].map(({ id, engine: kind, deviceName }) => {
      return { id, kind, deviceName, rxBytes: 0, txBytes: 0 };
    });
  }

  /** The machine starts anew. */
  forget(): void {
    this.#made.clear();
  }

  /** The tunnel's device is gone, and nobody asked for it. */
  lose(tunnel: string): void {
    const spec = this.#made.get(tunnel);
    this.#made.delete(tunnel);
    if (spec !== undefined) this.#host.removeDevice(spec.deviceName);
  }

  remove(tunnel: string, done: (result: StepResult) => void): void {
    this.#world.after(this.#engineMs, 'engine removes a tunnel', () => {
      this.lose(tunnel);
      done({ ok: true });
    });
  }
}
