/**
 * Which published prefixes are not routed, because they would take addresses of the LAN away from it.
 *
 * The default route is meant to contain everything and takes nothing from a LAN, whose own routes are longer.
 * Any other overlap is a mistake in the address plan: the prefix that overlaps is refused, the rest is kept.
 */
import {
  formatPrefix,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixesOverlap,
} from '../../firmware-shim/kernel/prefix.ts';

export interface RefusedPrefix {
  readonly prefix: string;
  readonly because: string;
  /** The LAN prefix it overlaps. */
  readonly conflict?: string;
}

export interface CheckedPrefixes {
  /** In the kernel's spelling. */
  readonly kept: readonly Prefix[];
  readonly refused: readonly RefusedPrefix[];
}

export function checkPrefixes(
  published: readonly string[],
  lan: readonly string[],
): CheckedPrefixes {
  const own = lan.flatMap((text) => parsePrefix(text) ?? []);
  const kept: Prefix[] = [];
  const refused: RefusedPrefix[] = [];
  for (const text of published) {
    const prefix = parsePrefix(text);
    if (prefix === undefined) {
      refused.push({ prefix: text, because: 'it is no prefix' });
      continue;
    }
    const clash = prefix.length > 0 && own.find((each) => prefixesOverlap(prefix, each));
    if (!clash) kept.push(networkOf(prefix));
    else {
      const conflict = formatPrefix(clash);
      refused.push({ prefix: text, because: `it overlaps the LAN prefix ${conflict}`, conflict });
    }
  }
  return { kept, refused };
}
