/**
 * The timers of a BFD session as functions: how often to send, how long silence may last (RFC 5880 sections
 * 6.8.2 to 6.8.4 and 6.8.7).
 */
import { type Random, uniformMs } from '../../../firmware-shim/base/random.ts';
import type { BfdTimers } from '../../model/tunnel.ts';
import type { BfdPacket } from './bfd-packet.ts';

/** "When bfd.SessionState is not Up, … at least one second" (section 6.8.3). */
const SLOW_TX_MS = 1_000;

/** What the far end last told about itself. */
export interface BfdPeer {
  readonly discriminator: number;
  readonly detectMult: number;
  readonly desiredMinTxMs: number;
  readonly requiredMinRxMs: number;
  readonly demand: boolean;
}

export function peerOf(packet: BfdPacket): BfdPeer {
  return {
    discriminator: packet.myDiscriminator,
    detectMult: packet.detectMult,
    desiredMinTxMs: packet.desiredMinTxMicros / 1_000,
    requiredMinRxMs: packet.requiredMinRxMicros / 1_000,
    demand: packet.demand,
  };
}

/**
 * Reduces an interval by a random 0 to 25 per cent; with a multiplier of 1 the result stays between 75 and
 * 90 per cent, so that the one packet that counts is never late by its own jitter (section 6.8.7).
 */
export function jitteredMs(intervalMs: number, detectMult: number, random: Random): number {
  return uniformMs(random, 0.75 * intervalMs, (detectMult === 1 ? 0.9 : 1) * intervalMs);
}

/** "The greater of bfd.DesiredMinTxInterval and bfd.RemoteMinRxInterval" (section 6.8.2, 6.8.7). */
export function transmitIntervalMs(desiredMinTxMs: number, peer: BfdPeer | undefined): number {
  return Math.max(desiredMinTxMs, peer?.requiredMinRxMs ?? 0);
}

/** The peer's multiplier times the slower of our reception and its transmission (section 6.8.4). */
export function detectionTimeMs(requiredMinRxMs: number, peer: BfdPeer): number {
  return peer.detectMult * peerIntervalMs(requiredMinRxMs, peer);
}

/** How far apart the peer's packets are at most. */
export function peerIntervalMs(requiredMinRxMs: number, peer: BfdPeer): number {
  return Math.max(requiredMinRxMs, peer.desiredMinTxMs);
}

/** The intervals in use while a change of ours waits for the peer's Final bit (section 6.8.3). */
export interface IntervalsInForce {
  readonly desiredMinTxMs: number;
  readonly requiredMinRxMs: number;
}

/**
 * "If bfd.DesiredMinTxInterval is increased and bfd.SessionState is Up, the actual transmission interval used
 * MUST NOT change until the Poll Sequence described above has terminated"; likewise a reduced
 * bfd.RequiredMinRxInterval waits before it shortens the Detection Time. Everything else counts at once.
 */
export function intervalsWhilePolling(
  inForce: IntervalsInForce,
  wanted: Pick<BfdTimers, 'desiredMinTxMs' | 'requiredMinRxMs'>,
): IntervalsInForce {
  return {
    desiredMinTxMs: Math.min(inForce.desiredMinTxMs, wanted.desiredMinTxMs),
    requiredMinRxMs: Math.max(inForce.requiredMinRxMs, wanted.requiredMinRxMs),
  };
}

/** The intervals of a session that is not Up. */
export function slowed(timers: BfdTimers): IntervalsInForce {
  return {
    desiredMinTxMs: Math.max(SLOW_TX_MS, timers.desiredMinTxMs),
    requiredMinRxMs: timers.requiredMinRxMs,
  };
}

/** The cases in which section 6.8.7 forbids periodic packets to an active system. */
export function mustNotTransmit(
  peer: BfdPeer | undefined,
  bothUp: boolean,
  polling: boolean,
): boolean {
  if (peer === undefined) return false;
  // "A system MUST NOT periodically transmit BFD Control packets if bfd.RemoteMinRxInterval is zero."
  if (peer.requiredMinRxMs === 0) return true;
  // "… if Demand mode is active on the remote system (bfd.RemoteDemandMode is 1, bfd.SessionState is Up, and
  // bfd.RemoteSessionState is Up) and a Poll Sequence is not being transmitted."
  return peer.demand && bothUp && !polling;
}
