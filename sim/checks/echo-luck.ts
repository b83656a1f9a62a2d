/**
 * How long echoes may stay out by chance alone: each is lost there or back with the chance of the path that carries it.
 *
 * A path that loses more than half of what it gets answers one echo in six, and is still no silent path: the session's
 * packets need one direction only, and its quality is judged over a window of seconds.
 */
import { SITE_TUNNELS } from '../models/branch/branch-site.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';

/** A row of lost echoes that is rarer than this is not chance: it does not happen in thousands of runs. */
const CHANCE_MIN = 1e-8;

export class EchoLuck {
  #lastAnswerAtMs: number | undefined;
  #lossPercent = 0;

  /** By the worst the carrying path has done since the last answer; nothing is lost by chance on a clean path. */
  silenceMs({ branch, echoes, network }: BranchWorld): number {
    if (echoes.lastAnswerAtMs !== this.#lastAnswerAtMs) this.#lossPercent = 0;
    this.#lastAnswerAtMs = echoes.lastAnswerAtMs;
    const egress = branch.egress();
    const carrying = SITE_TUNNELS.find(({ id }) => id === egress);
    const path = carrying && network.path(carrying.uplink, carrying.gateway);
    this.#lossPercent = Math.max(this.#lossPercent, path?.conditions.lossPercent ?? 0);
    const answeredRatio = (1 - this.#lossPercent / 100) ** 2;
    return echoes.intervalMs * (Math.log(CHANCE_MIN) / Math.log(1 - answeredRatio));
  }
}
