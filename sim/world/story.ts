/**
 * What a scenario tells its story with: a calm world, a hand that breaks things, and waiting in virtual time.
 */
import type { ActiveTunnelChange } from '../../agent/model/tunnel-change.ts';
import { SafetyWatch } from '../checks/safety.ts';
import { SITE_PATHS } from '../models/branch/branch-site.ts';
import { BranchWorld } from '../models/branch/branch-world.ts';
import { calmOptions, printOptions } from './options.ts';
import { World } from './world.ts';

/** How often a condition is looked at: every measured moment comes from a record, not from this. */
const LOOK_EVERY_MS = 1;
/** Waiting longer than this means it will not come. */
const WAIT_MS_MAX = 60_000;

export class Story {
  readonly world: World;
  readonly cast: BranchWorld;
  readonly watch: SafetyWatch;

  constructor(seed: number) {
    const options = calmOptions(SITE_PATHS);
    this.world = new World(seed);
    this.watch = new SafetyWatch(this.world);
    this.cast = new BranchWorld(this.world, options, this.watch);
    printOptions(this.world, options);
  }

  tell(text: string): void {
    this.world.tell('story', 'world', text);
  }

  async pass(forMs: number): Promise<void> {
    await this.world.run(this.world.nowMs + forMs, () => this.watch.afterStep(this.cast));
  }

  /** Lets time pass until `look` finds something. */
  async until<Found>(what: string, look: () => Found | undefined): Promise<Found> {
    const giveUpAtMs = this.world.nowMs + WAIT_MS_MAX;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.world.nowMs >= giveUpAtMs) throw new Error(`it never came to this: ${what}`);
      await this.pass(LOOK_EVERY_MS);
    }
  }

  /** The first change of the active tunnel with evidence from `sinceMs` on. */
  change(sinceMs: number): ActiveTunnelChange | undefined {
    const changes = this.cast.branch.fastPathSnapshot()?.changes ?? [];
    return changes.find((change) => change.detectedAtMs >= sinceMs);
  }
}
