/**
 * What one row of the failover stories is: something that is done to a branch with two uplinks, and what must hold.
 */

import type { ChangeCause } from '../../../agent/model/tunnel-change.ts';
import type { SeededRandom } from '../../../firmware-shim/base/random.ts';
import type { LabUplinkId } from '../topology.ts';
import type { StoryRoom } from './story-room.ts';

export type Expectation =
  /** Traffic leaves the uplink, or only the gateway, and the outage is bounded. */
  | {
      readonly kind: 'moves';
      readonly away: 'uplink' | 'tunnel';
      readonly causes: readonly ChangeCause[];
    }
  /** Traffic stays where it is for so long. */
  | { readonly kind: 'stays'; readonly forMs: number }
  /** Traffic may move, each time with a reason and not more often than this, and flows in the end. */
  | { readonly kind: 'settles'; readonly forMs: number; readonly changesMax: number }
  /** No tunnel is left, and traffic flows again after the repair. */
  | { readonly kind: 'disconnects' };

export interface Scene {
  readonly room: StoryRoom;
  /** The uplink that carries the traffic, and the other one. */
  readonly victim: LabUplinkId;
  readonly other: LabUplinkId;
  /** The tunnel that carries the traffic. */
  readonly tunnel: string;
  readonly random: SeededRandom;
}

/** What was drawn for this run, in words; undefined when nothing was. */
export type Drawn = string | undefined;

export interface Story {
  readonly name: string;
  /** Part of the selection that every test run tells. */
  readonly inShort?: boolean;
  /** Absent: both. */
  readonly onlyFor?: 'ipsec' | 'wireguard';
  readonly expects: Expectation;
  readonly make: (scene: Scene) => Promise<Drawn>;
  readonly heal: (scene: Scene) => Promise<void>;
  /** What else must be so before it is healed; sentences of what is not. */
  readonly check?: (scene: Scene) => Promise<readonly string[]>;
}
