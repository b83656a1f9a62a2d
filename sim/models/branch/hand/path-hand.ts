/** The hand that breaks the ways between the branch and its gateways. */
import type { PathFault } from '../../../world/faults/path-faults.ts';
import { CLEAN_PATH, type PathConditions } from '../../../world/network.ts';
import type { HandTools, Strikes } from './strikes.ts';

/** Between two renewals of keys of one tunnel. */
const REKEYS_APART_MS = 400;

export class PathHand {
  readonly #tools: HandTools;

  constructor(tools: HandTools) {
    this.#tools = tools;
  }

  readonly strikes: Strikes<PathFault> = {
    pathBlocked: ({ path, directions, forMs }) =>
      this.#disturb([path], { blocked: directions }, { blocked: [] }, forMs),
    pathDegraded: ({ path, lossPercent, jitterMs, forMs }) =>
      this.#disturb([path], { lossPercent, jitterMs }, this.#ordinary(path), forMs),
    pathDisordered: ({ path, duplicatePercent, jitterMs, forMs }) =>
      this.#disturb([path], { duplicatePercent, jitterMs }, this.#ordinary(path), forMs),
    pathClogged: ({ path, forMs }) =>
      this.#change(path, { cloggedUntilMs: this.#tools.cast.world.nowMs + forMs }),
    pathNarrowed: ({ path, bytesMax, forMs }) =>
      this.#disturb([path], { bytesMax }, this.#ordinary(path), forMs),
    uplinkFaded: (fault) => this.#fade(fault),
    hubCutOff: ({ gateway, forMs }) =>
      this.#disturb(
        this.#pathsThat((id) => id.endsWith(`/${gateway}`)),
        { blocked: ['out', 'in'] },
        { blocked: [] },
        forMs,
      ),
    hubRestarted: ({ gateway, downMs }) => {
      const hub = this.#tools.cast.hub(gateway);
      hub?.stop();
      this.#tools.later(downMs, () => hub?.start());
    },
    tunnelRekeyed: ({ tunnel, times, gapMs }) => {
      for (let at = 0; at < times; at += 1) {
        this.#tools.later(at * REKEYS_APART_MS, () => this.#tools.cast.renewKeys(tunnel, gapMs));
      }
    },
  };

  mend(): void {
    const { network, hubs } = this.#tools.cast;
    for (const { id } of network.paths) {
      this.#change(id, { ...this.#ordinary(id), blocked: [], cloggedUntilMs: 0 });
    }
    for (const hub of hubs) hub.start();
  }

  #fade({ uplink, steps, lossPercent, delayMs, forMs }: FadeFault): void {
    for (const path of this.#pathsThat((id) => id.startsWith(`${uplink}/`))) {
      const usual = this.#ordinary(path);
      for (let step = 1; step <= steps; step += 1) {
        const part = step / steps;
        const worse = {
          lossPercent: Math.max(usual.lossPercent, lossPercent * part),
          delayMs: usual.delayMs + delayMs * part,
        };
        this.#tools.later((forMs * (step - 1)) / steps, () => this.#change(path, worse));
      }
      this.#tools.later(forMs, () => this.#change(path, usual));
    }
  }

  #disturb(
    paths: readonly string[],
    during: Partial<PathConditions>,
    after: Partial<PathConditions>,
    forMs: number,
  ): void {
    for (const path of paths) {
      this.#change(path, during);
      this.#tools.later(forMs, () => this.#change(path, after));
    }
  }

  #ordinary(path: string): Omit<PathConditions, 'blocked' | 'cloggedUntilMs'> {
    const {
      blocked: _,
      cloggedUntilMs: __,
      ...ordinary
    } = this.#tools.options.paths[path] ?? CLEAN_PATH;
    return ordinary;
  }

  #pathsThat(fits: (id: string) => boolean): readonly string[] {
    return this.#tools.cast.network.paths.map(({ id }) => id).filter(fits);
  }

  #change(path: string, conditions: Partial<PathConditions>): void {
    this.#tools.cast.network.paths.find(({ id }) => id === path)?.change(conditions);
  }
}

type FadeFault = Extract<PathFault, { readonly kind: 'uplinkFaded' }>;
