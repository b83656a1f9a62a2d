/**
 * Everything that bounds one access gateway, with the reason for each number.
 */
import { PAYLOAD_BYTES_MAX } from '../../../agent/access/payloads.ts';

export interface GatewayLimits {
  /** Keep alive told to every device; half as much again without a packet ends the connection. */
  readonly keepAliveS: number;
  /** Told to devices: over how long a fleet spreads its returns. */
  readonly spreadMs: number;
  /** Connections at once; a small gateway answers the next one with "quota exceeded". */
  readonly connectionsMax: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  keepAliveS: 15,
  spreadMs: 1_000,
  connectionsMax: 10_000,
};

/** Maximum Packet Size in both directions: the payload bound and room for topic and properties. */
export const PACKET_BYTES_MAX = PAYLOAD_BYTES_MAX;
/** Unacknowledged QoS 1 messages either way: enough to fill a branch's link, few enough to hold in memory. */
export const RECEIVE_MAXIMUM = 32;
/** Subscriptions of one device: it has three topics of its own and a few single commands. */
export const SUBSCRIPTIONS_MAX = 16;
/** Messages kept for a device that is away: a day's commands of one technician. */
export const QUEUE_MAX = 100;
/** Longest time a session outlives its connection. */
export const SESSION_EXPIRY_S_MAX = 3_600;
/** Longest time a will may wait: a device that was away longer is simply gone. */
export const WILL_DELAY_S_MAX = 300;
/** Retained topics of one device: life, reported, desired and a link for each uplink. */
export const RETAINED_TOPICS_MAX = 64;
/** A TLS handshake and a CONNECT must each be over by then. */
export const HANDSHAKE_MS = 10_000;
/** Unsent bytes of one connection; a reader this slow is dropped. */
export const UNSENT_BYTES_MAX = 4 * 1024 * 1024;
/** How often keep alives, wills and sessions are looked at. */
export const SWEEP_MS = 100;
