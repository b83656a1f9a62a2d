/**
 * What the paths over each uplink measured during the last hour, a point every ten seconds: for the drawings of the page.
 *
 * A point of an uplink is that of its nearest tunnel which measures; a time without any is a gap, never a zero.
 */
import type { AgentSnapshot } from '../model/snapshot.ts';

export const HISTORY_STEP_MS = 10_000;
/** An hour. */
export const HISTORY_POINTS_MAX = 360;
const DIGITS = 10;

export interface PathPoint {
  readonly rttMs?: number;
  readonly jitterMs?: number;
  readonly lossPercent?: number;
}

export interface UplinkHistory {
  readonly id: string;
  /** Oldest first; null is a gap. */
  readonly points: readonly (PathPoint | null)[];
}

export class PathHistory {
  readonly #points = new Map<string, (PathPoint | null)[]>();
  #count = 0;

  /** The newest point of each uplink. */
  add(snapshot: AgentSnapshot): readonly UplinkHistory[] {
    const { uplinks, tunnels } = snapshot.fastPath;
    const added = uplinks.map(({ id }) => ({ id, point: pointOf(id, tunnels) }));
    for (const { id, point } of added) {
      const points = this.#points.get(id) ?? Array.from({ length: this.#count }, () => null);
      points.push(point);
      if (points.length > HISTORY_POINTS_MAX) points.shift();
      this.#points.set(id, points);
    }
    const known = new Set(added.map(({ id }) => id));
    for (const id of this.#points.keys()) if (!known.has(id)) this.#points.delete(id);
    this.#count = Math.min(this.#count + 1, HISTORY_POINTS_MAX - 1);
    return added.map(({ id, point }) => ({ id, points: [point] }));
  }

  get all(): readonly UplinkHistory[] {
    return [...this.#points].map(([id, points]) => ({ id, points }));
  }
}

function pointOf(uplink: string, tunnels: AgentSnapshot['fastPath']['tunnels']): PathPoint | null {
  const measured = tunnels
    .filter((tunnel) => tunnel.uplink === uplink && tunnel.state === 'up')
    .flatMap(({ quality }) =>
      quality?.rtt === undefined ? [] : [{ ...quality, rtt: quality.rtt }],
    );
  const [nearest] = measured.toSorted((a, b) => a.rtt.p50Ms - b.rtt.p50Ms);
  if (nearest === undefined) return null;
  const { rtt, jitterUpMs, jitterDownMs, lossPercent } = nearest;
  const isJitterKnown = jitterUpMs !== undefined || jitterDownMs !== undefined;
  return {
    rttMs: rounded(rtt.p50Ms),
    ...(isJitterKnown && { jitterMs: rounded(Math.max(jitterUpMs ?? 0, jitterDownMs ?? 0)) }),
    ...(lossPercent !== undefined && { lossPercent: rounded(lossPercent) }),
  };
}

function rounded(value: number): number {
  return Math.round(value * DIGITS) / DIGITS;
}
