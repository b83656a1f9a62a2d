/**
 * The effects of the fast path, made short.
 */
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { FastPathFact } from '../model/fast-path.ts';
import type { Note } from '../model/note.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { FastPathEffect } from './fast-path-contract.ts';

export function told(fact: FastPathFact): FastPathEffect {
  return { type: 'tellControl', fact };
}

export function noted(note: Note): FastPathEffect {
  return told({ type: 'noted', note });
}

export function sent(tunnel: TunnelId, port: number, bytes: Uint8Array): FastPathEffect {
  return { type: 'sendProbe', tunnel, port, bytes };
}

/** Lost messages of the kernel are one note: its whole state came after them, as one batch. */
export function resynced(events: readonly KernelEvent[]): readonly FastPathEffect[] {
  if (!events.some(({ type }) => type === 'overrun')) return [];
  return [noted({ code: 'fastPathResynced', level: 'warning' })];
}
