/** What can go wrong with the name servers (F-24). */
import { NAME_TROUBLES, type NameTrouble } from '../../models/far-end/name-servers.ts';
import { type Draw, pick } from './draw.ts';

/** Those of every uplink are of no use, or lie. */
export interface NameFault {
  readonly kind: 'namesFailed';
  readonly how: NameTrouble;
  readonly forMs: number;
}

export const drawNameFault: Draw<NameFault> = (random, _, forMs) => ({
  kind: 'namesFailed',
  how: pick(random, NAME_TROUBLES),
  forMs,
});
