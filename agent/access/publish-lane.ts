/**
 * Publish ids that carry their sender: several cores share one channel, and an acknowledgement finds its way
 * back without a table.
 */
const LANES = ['life', 'outbox', 'state', 'command', 'telemetry', 'identity', 'confirm'] as const;
export type PublishLane = (typeof LANES)[number];

/** `serial` counts the messages of one lane, from 0. */
export function publishIdOf(lane: PublishLane, serial: number): number {
  return serial * LANES.length + LANES.indexOf(lane);
}

export function laneOf(publishId: number): PublishLane {
  return LANES[publishId % LANES.length] ?? 'life';
}
