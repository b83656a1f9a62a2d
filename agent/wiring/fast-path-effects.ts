/**
 * The effects of the fast path, made short.
 */
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
