/** What became different in the kernel, in the words of ip(8). */
import type { KernelChange } from '../../firmware-shim/kernel/types.ts';

/** More of them in one sentence nobody reads. */
const SHOWN_MAX = 6;

/** The first few, and how many more there are of `total`. */
export function changeWords(changes: readonly KernelChange[], total: number): string {
  const shown = changes.slice(0, SHOWN_MAX).map(words);
  const left = total - shown.length;
  return [...shown, ...(left > 0 ? [`${left} more`] : [])].join(', ');
}

function words(change: KernelChange): string {
  const sign = change.type.endsWith('Removed') ? '-' : '+';
  switch (change.type) {
    case 'linkChanged': {
      const { name, adminUp, carrier } = change.link;
      return `${sign}link ${name} ${adminUp ? 'up' : 'down'}${carrier ? '' : ' no-carrier'}`;
    }
    case 'linkRemoved':
      return `${sign}link ${change.name}`;
    case 'addressAdded':
    case 'addressRemoved':
      return `${sign}address ${change.address.address}/${change.address.prefixLength}`;
    case 'routeAdded':
    case 'routeRemoved':
      return `${sign}route ${change.route.destination} table ${change.route.table}`;
    case 'ruleAdded':
    case 'ruleRemoved':
      return `${sign}rule ${change.rule.priority} table ${change.rule.table}`;
    case 'nexthopAdded':
      return `${sign}nexthop ${change.nexthop.id}`;
    case 'nexthopRemoved':
      return `${sign}nexthop ${change.id}`;
    case 'neighbourChanged':
    case 'neighbourRemoved':
      return `${sign}neighbour ${change.neighbour.address}`;
  }
}
