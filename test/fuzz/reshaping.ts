/**
 * Changes an input within its grammar: JSON stays JSON, lines stay lines. Damage to bytes rarely gets past a
 * parser of text; this gets behind it.
 */
import type { Random } from '../../firmware-shim/base/random.ts';
import { below } from './mutation.ts';

const CHANGES_MAX = 3;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** What a member may be instead of what it should be. */
const STRANGERS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  32,
  64,
  128,
  129,
  255,
  256,
  65_535,
  65_536,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e300,
  '',
  ' ',
  '0',
  'x'.repeat(63),
  'x'.repeat(129),
  '\u0000',
  '\ud800',
  '😀',
  '..',
  '10.0.0.0/8',
  '::/0',
  '::ffff:1.2.3.4',
  [],
  {},
  [[]],
  { a: { b: 1 } },
];
const KEYS: readonly string[] = ['', 'v', 'id', '__proto__', 'constructor', 'a/b', '~', 'toString'];

/** Unchanged when it is no JSON. */
export function reshapedJson(input: Uint8Array, random: Random): Uint8Array {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(input));
  } catch {
    return input;
  }
  for (let count = below(random, CHANGES_MAX); count >= 0; count -= 1) {
    value = changedSomewhere(value, value, random);
  }
  return encoder.encode(JSON.stringify(value) ?? 'null');
}

/** Walks down at random and changes what it finds where it stops. */
function changedSomewhere(value: unknown, whole: unknown, random: Random): unknown {
  const isBranch = typeof value === 'object' && value !== null;
  const members = isBranch ? Object.entries(value) : [];
  const [key, member] = members[below(random, members.length)] ?? [];
  if (key === undefined || random.next() < 0.15) return changed(value, whole, random);
  const inner = changedSomewhere(member, whole, random);
  if (Array.isArray(value)) return (value as unknown[]).with(Number(key), inner);
  return Object.fromEntries(members.map((entry) => (entry[0] === key ? [key, inner] : entry)));
}

function changed(value: unknown, whole: unknown, random: Random): unknown {
  const stranger = STRANGERS[below(random, STRANGERS.length)];
  const pick = below(random, 4);
  if (pick === 0) return stranger;
  if (Array.isArray(value)) return changedList(value, stranger, random);
  if (typeof value === 'number') return value + (pick === 1 ? 1 : -1);
  if (typeof value === 'string') return changedText(value, random);
  if (typeof value !== 'object' || value === null) return whole;
  const entries = Object.entries(value);
  const at = below(random, entries.length);
  if (pick === 1) return Object.fromEntries(entries.filter((_entry, index) => index !== at));
  const key = KEYS[below(random, KEYS.length)] ?? '';
  return Object.fromEntries([...entries, [key, pick === 2 ? stranger : entries[at]?.[1]]]);
}

function changedList(list: readonly unknown[], stranger: unknown, random: Random): unknown {
  const at = below(random, list.length);
  if ((random.u32() & 1) === 0) return list.toSpliced(at, 1);
  const piece = (random.u32() & 1) === 0 ? stranger : list[at];
  // Past every bound on a list; but lists of lists of that length would outgrow all memory.
  const many = typeof piece === 'object' ? 40 : 2_100;
  const copies = below(random, 50) === 0 ? many : 1 + below(random, 2);
  return [...list, ...Array.from({ length: copies }, () => piece)];
}

function changedText(text: string, random: Random): string {
  const at = below(random, text.length + 1);
  if ((random.u32() & 1) === 0) return text.slice(0, at) + text.slice(at + 1);
  return text.slice(0, at) + String.fromCharCode(0x20 + below(random, 0x60)) + text.slice(at);
}

/** Lines are dropped, doubled, moved, indented, or get the value of another line. */
export function reshapedLines(input: Uint8Array, random: Random): Uint8Array {
  const lines = decoder.decode(input).split('\n');
  for (let count = below(random, CHANGES_MAX); count >= 0; count -= 1) {
    const at = below(random, lines.length);
    const line = lines[at] ?? '';
    const other = lines[below(random, lines.length)] ?? '';
    const stranger = JSON.stringify(STRANGERS[below(random, STRANGERS.length)]);
    const changes: readonly (readonly string[])[] = [
      [],
      [line, line],
      [other, line],
      [`  ${line}`],
      [line.replace(/^ {2}/, '')],
      [line.replace(/:.*/, `: ${stranger}`)],
      [line.replace(/:.*/, /:.*/.exec(other)?.[0] ?? '')],
      [line.replace(/[a-zA-Z]/, '')],
      [changedText(line, random)],
    ];
    lines.splice(at, 1, ...(changes[below(random, changes.length)] ?? []));
  }
  return encoder.encode(lines.join('\n'));
}
