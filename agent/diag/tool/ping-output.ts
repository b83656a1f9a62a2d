/**
 * What ping(8) of iputils says at its end, as figures.
 */
export interface PingFigures {
  readonly sent: number;
  readonly received: number;
  readonly lossPercent: number;
  readonly averageMs?: number;
}

/** Undefined when this is no end of a ping. Integers are bounded by what a ping may send. */
export function readPing(output: string): PingFigures | undefined {
  const counts = /(\d{1,6}) packets transmitted, (\d{1,6}) received/.exec(output);
  if (counts === null) return undefined;
  const sent = Number(counts[1]);
  const received = Number(counts[2]);
  const times = /= [\d.]{1,12}\/([\d.]{1,12})\//.exec(output)?.[1];
  const lossPercent = sent === 0 ? 0 : (100 * (sent - received)) / sent;
  return { sent, received, lossPercent, ...(times !== undefined && { averageMs: Number(times) }) };
}

/** Why nothing came back, in ping's own words where it has any. */
export function pingComplaint(output: string): string {
  if (/message too long|Frag needed|mtu/i.test(output)) return 'too large for the way';
  if (/Network is unreachable|No route/i.test(output)) return 'no route leads there';
  if (/Host Unreachable/i.test(output)) return 'nobody answers for it on the link';
  if (/Operation not permitted/i.test(output)) return 'the firewall of this box forbids it';
  return 'no answer';
}
