/**
 * charon's events as this program speaks of them.
 *
 * `ike-updown` and `child-updown` without `up` mean down, whatever the `state` beside it still says: after a dead
 * peer was detected it says ESTABLISHED.
 */
import { type IkeAssociation, readIke } from './association-view.ts';
import type { ViciSection } from './vici-message.ts';
import { sectionAt, sectionsIn, textAt } from './vici-read.ts';

export const CHARON_EVENTS = [
  'ike-updown',
  'child-updown',
  'ike-rekey',
  'child-rekey',
  'ike-update',
] as const;

export type CharonEvent =
  | { readonly type: 'ikeUp' | 'ikeDown'; readonly ike: IkeAssociation }
  | { readonly type: 'childUp' | 'childDown'; readonly ike: IkeAssociation }
  | { readonly type: 'ikeRekeyed' | 'childRekeyed'; readonly ike: IkeAssociation }
  /** MOBIKE: one of the two ends has another address. */
  | { readonly type: 'endpointMoved'; readonly ike: IkeAssociation };

/** Undefined for what this program does not listen to. */
export function readCharonEvent(name: string, message: ViciSection): CharonEvent | undefined {
  const [about] = sectionsIn(message);
  if (about === undefined) return undefined;
  const up = textAt(message, 'up') === 'yes';
  switch (name) {
    case 'ike-updown':
      return { type: up ? 'ikeUp' : 'ikeDown', ike: readIke(about.name, about.section) };
    case 'child-updown':
      return { type: up ? 'childUp' : 'childDown', ike: readIke(about.name, about.section) };
    case 'child-rekey':
      return { type: 'childRekeyed', ike: readIke(about.name, about.section) };
    case 'ike-rekey': {
      const renewed = sectionAt(about.section, 'new') ?? about.section;
      return { type: 'ikeRekeyed', ike: readIke(about.name, renewed) };
    }
    case 'ike-update':
      return { type: 'endpointMoved', ike: readIke(about.name, about.section) };
    default:
      return undefined;
  }
}
