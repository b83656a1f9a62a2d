/**
 * The one door to a cloud network for whoever runs it: look at it, and change it as a whole.
 *
 * Behind it stands a file that operators share, or a network that lives with its process.
 */
import type { CloudNetwork } from './cloud-network.ts';
import type { NetworkView } from './nouns.ts';
import type { Outcome } from './outcome.ts';

export type ReachView = NetworkView & Pick<CloudNetwork, 'reach' | 'publishedPrefixes'>;

export interface NetworkDoor {
  readonly network: ReachView;
  /** Performs operations as one: a refusal undoes all of them. */
  change<Result extends Outcome<unknown>>(operations: (network: CloudNetwork) => Result): Result;
}

/** For a network nobody shares: single operations are accepted whole or not at all anyway. */
export function doorTo(network: CloudNetwork): NetworkDoor {
  return { network, change: (operations) => operations(network) };
}
