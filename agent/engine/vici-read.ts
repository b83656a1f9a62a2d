/**
 * Reads single values out of VICI messages, whose shape is the sender's word only.
 */
import type { ViciSection } from './vici-message.ts';

/** The text at `key`; undefined when there is none or it is something else. */
export function textAt(section: ViciSection | undefined, key: string): string | undefined {
  const node = section?.get(key);
  return typeof node === 'string' ? node : undefined;
}

/** The non-negative decimal number at `key`. */
export function numberAt(section: ViciSection | undefined, key: string): number | undefined {
  const text = textAt(section, key);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function sectionAt(section: ViciSection | undefined, key: string): ViciSection | undefined {
  const node = section?.get(key);
  return node instanceof Map ? node : undefined;
}

/** The sections of a section, with their names, in the order they came in. */
export function sectionsIn(
  section: ViciSection | undefined,
): readonly { readonly name: string; readonly section: ViciSection }[] {
  const found: { name: string; section: ViciSection }[] = [];
  for (const [name, node] of section ?? []) {
    if (node instanceof Map) found.push({ name, section: node });
  }
  return found;
}
