/**
 * The flows that stay on a backup after traffic has returned, as both `tunnels` and `why` tell of them.
 */
import type { FastPathSnapshot } from '../model/snapshot.ts';
import { duration } from '../report/render-duration.ts';
import { type Block, line } from './text-table.ts';

export function strandedBlocks({
  stranded = [],
}: Pick<FastPathSnapshot, 'stranded'>): readonly Block[] {
  return stranded.map(({ tunnel, flows, leftMs }) => {
    const atMost = `for at most ${duration(leftMs)}`;
    if (flows === 1) {
      return line('', `1 flow that began on ${tunnel} stays there until it ends, ${atMost}.`);
    }
    const count = flows === undefined ? 'Flows' : `${flows} flows`;
    const unknown = flows === undefined ? '; how many is not known' : '';
    return line(
      '',
      `${count} that began on ${tunnel} stay there until they end, ${atMost}${unknown}.`,
    );
  });
}
