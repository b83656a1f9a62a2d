/**
 * The fixed numbers this agent takes from the kernel's shared number spaces, in one place.
 *
 * | space                | range                     | one per            |
 * | -------------------- | ------------------------- | ------------------ |
 * | routing table        | 19600 … 19615             | uplink             |
 * | rule priority        | 19600 … 19615 (fwmark)    | uplink             |
 * | rule priority        | 19700 … 19715 (source)    | uplink             |
 * | fwmark               | 0xC40001 … 0xC40010       | uplink             |
 * | rule priority        | 19650 (flow mark)         | (all tunnels)      |
 * | routing table        | 20000 … 21999             | tunnel             |
 * | connection mark      | 0xC50000 … 0xC507CF       | tunnel             |
 * | UDP port (listening) | 21960 … 23959             | tunnel             |
 *
 * Priorities lie before the main table's 32766; ports lie below the
 * kernel's ephemeral range, so that no other socket takes one by chance. An uplink's number is its place in the
 * configuration; a tunnel's port follows from its id, and its connection mark and table (`flow-mark.ts`) from the port.
 */
import { assert } from '../../firmware-shim/base/assert.ts';
import { flowMark } from '../model/flow-mark.ts';
import { UPLINKS_MAX } from '../model/uplink.ts';

const TABLE_BASE = 19_600;
const MARK_PRIORITY_BASE = 19_600;
const SOURCE_PRIORITY_BASE = 19_700;
const FWMARK_BASE = 0xc4_00_01;
const PORT_BASE = 21_960;
export const PORT_COUNT = 2_000;
/** The fallback loses against every other route of its table. */
export const FALLBACK_METRIC = 4_000_000_000;

export interface UplinkNumbers {
  readonly table: number;
  readonly markPriority: number;
  readonly sourcePriority: number;
  readonly fwmark: number;
}

export function uplinkNumbers(index: number): UplinkNumbers {
  assert(index >= 0 && index < UPLINKS_MAX, `uplink number ${index} has no numbers`);
  return {
    table: TABLE_BASE + index,
    markPriority: MARK_PRIORITY_BASE + index,
    sourcePriority: SOURCE_PRIORITY_BASE + index,
    fwmark: FWMARK_BASE + index,
  };
}

export function isOurTable(table: number): boolean {
  return table >= TABLE_BASE && table < TABLE_BASE + UPLINKS_MAX;
}

export function listenPort(slot: number): number {
  return PORT_BASE + slot;
}

/** The connection mark of the flows that began on the tunnel that listens here. */
export function slotMark(port: number): number {
  return flowMark(port - PORT_BASE);
}

/** FNV-1a, 32 bits: spreads ids over slots the same way on every start. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}
