/** The device's certificates as the cores see them: what is known of each, what is to be done, and how that ended. */
import type { WanPath } from './wan.ts';

export interface PairFacts {
  /** Grows with every pair the device got by itself; 0 for one its owner gave it. */
  readonly generation: number;
  readonly fromMs: number;
  readonly endMs: number;
}

/** What is known at the start of the certificates and of the time. */
export interface IdentityFacts {
  /** Newest first; the first is shown. */
  readonly pairs: readonly PairFacts[];
  /** False for a certificate its owner gave. */
  readonly renews: boolean;
  /** It cannot be earlier than this. */
  readonly floorMs: number;
  /** The last moment at which a pinned CA is valid. */
  readonly ceilingMs: number;
}

/** Done by whoever has keys, disk, channel and clocks; the first three are answered. */
export type IdentityWork =
  /** No gateway takes what there is: ask as a new device would, until there is a pair (`pairKept`). */
  | { readonly what: 'enrol' }
  /** It asks over these, best first, and as the system routes after them. */
  | { readonly what: 'takeWays'; readonly paths: readonly WanPath[] }
  | { readonly what: 'makeRequest' }
  | { readonly what: 'keepPair'; readonly certificate: string }
  | { readonly what: 'leaveEnrolment' }
  /** From the next attempt on this pair is shown. */
  | { readonly what: 'usePair'; readonly generation: number }
  /** A gateway has accepted it: older ones go. */
  | { readonly what: 'provePair'; readonly generation: number }
  | { readonly what: 'discardPair'; readonly generation: number }
  /** The latest time a gateway has confirmed: the floor of the next start. */
  | { readonly what: 'keepTime'; readonly wallMs: number }
  | { readonly what: 'setSystemClock'; readonly wallMs: number };

/** How `makeRequest`, `keepPair` and `enrol` end. */
export type IdentityDone =
  /** PKCS #10 in PEM. */
  | { readonly type: 'requestMade'; readonly request: string }
  /** Certificate and key are on the disk, as one. */
  | { readonly type: 'pairKept'; readonly pair: PairFacts }
  | { readonly type: 'workFailed'; readonly code: string; readonly text: string };
