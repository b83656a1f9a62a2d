/**
 * What the end of a connection means for the next attempt: the table of MQTT 5 reason codes and our own codes.
 *
 * Anything not in the table is an ordinary failure: the next gateway, after the ordinary backoff.
 */
export type ClosePace =
  /** Next gateway after the ordinary backoff. */
  | 'ordinary'
  /** Trying again soon cannot help: somebody has to change something first. */
  | 'slow'
  /** The gateway is busy and asks for room. */
  | 'crowded'
  /** Somebody else uses our identity. */
  | 'clone'
  /** The gateway names another one. */
  | 'redirect';

const PACE_BY_REASON: ReadonlyMap<number, ClosePace> = new Map([
  [0x84, 'slow'], // unsupported protocol version
  [0x85, 'slow'], // client identifier not valid
  [0x86, 'slow'], // bad user name or password
  [0x87, 'slow'], // not authorised
  [0x8a, 'slow'], // banned
  [0x8c, 'slow'], // bad authentication method
  [0x89, 'crowded'], // server busy
  [0x97, 'crowded'], // quota exceeded
  [0x9f, 'crowded'], // connection rate exceeded
  [0x8e, 'clone'], // session taken over
  [0x9c, 'redirect'], // use another server
  [0x9d, 'redirect'], // server moved
]);

export function paceOf(reasonCode: number | undefined): ClosePace {
  return (reasonCode === undefined ? undefined : PACE_BY_REASON.get(reasonCode)) ?? 'ordinary';
}
