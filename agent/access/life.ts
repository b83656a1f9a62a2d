/**
 * Birth, will and goodbye: what this device says of its own life.
 *
 * Each CONNECT carries a will with the `bdSeq` that the following birth repeats, so that a late will of an
 * earlier connection is told apart. `bootId` tells runs apart even if the last number was not kept.
 */
import type { Hello } from '../../firmware-shim/wire/messages.ts';
import type { AgentConfig } from '../model/config.ts';
import type { Inventory } from '../model/inventory.ts';
import type { LifeSign } from './intake.ts';
import type { Birth, Death } from './payloads.ts';

/** Sparkplug B: the number wraps after 255. */
const BD_SEQ_COUNT = 256;
/** What birth says of the board before the board has spoken. */
const NOT_KNOWN_YET = 'unknown';

export function nextBdSeq(last: number | undefined): number {
  return last === undefined ? 0 : (last + 1) % BD_SEQ_COUNT;
}

export interface BirthParts {
  readonly config: AgentConfig;
  readonly inventory: Inventory;
  readonly publicKey: string;
  readonly bootId: string;
  readonly bdSeq: number;
  readonly hello: Hello | undefined;
}

export function birthOf(parts: BirthParts): Birth {
  const { config, inventory, hello } = parts;
  return {
    v: 1,
    state: 'online',
    bdSeq: parts.bdSeq,
    bootId: parts.bootId,
    serialNumber: inventory.serialNumber,
    model: hello?.model ?? NOT_KNOWN_YET,
    hardwareRevision: hello?.hardwareRevision ?? NOT_KNOWN_YET,
    firmwareVersion: hello?.firmwareVersion ?? NOT_KNOWN_YET,
    agentVersion: inventory.agentVersion,
    area: config.area,
    tunnelPublicKey: parts.publicKey,
    uplinks: config.uplinks
      .filter(({ use }) => use === 'data')
      .map(({ id, kind }) => ({ id, kind })),
    host: inventory.host,
  };
}

export function deathOf(bdSeq: number, bootId: string, why: Death['why']): Death {
  return { v: 1, state: 'offline', bdSeq, bootId, why };
}

/** What our own life topic tells us while we are connected. */
export type LifeReading =
  /** Our birth has come back: what we publish arrives. */
  | 'echo'
  /** The world believes we are gone. */
  | 'declared-offline'
  /** Another device lives under our identity. */
  | 'stranger'
  | 'history';

export function readLife(
  life: LifeSign,
  own: { readonly bdSeq: number; readonly bootId: string },
  retained: boolean,
): LifeReading {
  const ours = life.bootId === own.bootId && life.bdSeq === own.bdSeq;
  // A retained offline is what we left behind; only one that arrives now was said about this connection.
  if (life.state === 'offline') return retained ? 'history' : 'declared-offline';
  if (ours) return 'echo';
  return retained || life.bootId === own.bootId ? 'history' : 'stranger';
}
