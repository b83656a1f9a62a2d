/**
 * One end of a session field as a process of its own, so that what it costs can be told from what others cost.
 */
import { FieldEnd } from '../../sim/lab/field-end.ts';
import type { EndOrder, EndReport } from './end-process.ts';

const [netnsPath = ''] = process.argv.slice(2);
const end = new FieldEnd(netnsPath);

/** As a control thread that parses, sorts and encrypts without ever coming up for air. */
function block(forMs: number): void {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) continue;
}

function report(): EndReport {
  const { user, system } = process.cpuUsage();
  return {
    upCount: end.upCount,
    moves: end.moves,
    cpuMs: (user + system) / 1_000,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
    lateMsMax: Math.max(0, ...end.lateMs),
    scheduling: end.scheduling,
  };
}

process.on('message', (order: EndOrder) => {
  if (order.do === 'plan') end.plan(order.tunnels);
  if (order.do === 'block') block(order.forMs);
  if (order.do === 'stop') void end.close().then(() => process.disconnect());
  // Also after a block: the answer says that it is over.
  else process.send?.(report());
});
