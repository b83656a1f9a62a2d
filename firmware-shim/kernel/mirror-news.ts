/**
 * What a mirror needs from its surroundings and what it tells them.
 */
import type { KernelDump, KernelDumpResult } from './operations.ts';
import type { KernelChange } from './types.ts';

/** Enough of a resync's objects to see what kind of thing was missed. */
export const RESYNC_OBJECTS_MAX = 32;

export interface MirrorPort {
  dump(what: KernelDump, done: (result: KernelDumpResult) => void): void;
  afterMs(delayMs: number, run: () => void): void;
  /** Each time the picture became another one. */
  tell(news: MirrorNews): void;
}

export interface MirrorNews {
  /** `view`: the first; `told`: by the kernel or concluded; `found`: by looking; `overrun`: after a gap. */
  readonly cause: 'view' | 'told' | 'found' | 'overrun';
  /** Exactly what became different, in an order in which it can be applied. */
  readonly changes: readonly KernelChange[];
  /** Only after an overrun. */
  readonly note?: ResyncNote;
}

/** The one note of an overrun: how far the picture had been off. */
export interface ResyncNote {
  readonly code: 'kernelResynced';
  readonly level: 'warning';
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** The first of the changes. */
  readonly objects: readonly KernelChange[];
}

export interface MirrorOptions {
  /** Keeps only routes and nexthops of this rtm_protocol. */
  readonly protocol?: number;
}

export interface MirrorCounters {
  readonly concluded: number;
  readonly looks: number;
  readonly looksFailed: number;
  /** What only a look found out. */
  readonly found: number;
}
