/**
 * YAML text → plain value, and where in the text each part of it stands.
 *
 * YAML 1.2 core schema only: no custom tags, no aliases (a few bytes of them can grow into gigabytes), no
 * second document, no key twice.
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { pointerKeys } from '../../contract/config-problem.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlMistake extends Place {
  readonly sentence: string;
}

export interface YamlDocument {
  readonly value: unknown;
  /** Where the thing at a JSON pointer stands; for what is absent, where its nearest parent stands. */
  place(pointer: string, at: 'key' | 'value'): Place;
}

export type YamlReading =
  | { readonly ok: true; readonly document: YamlDocument }
  | { readonly ok: false; readonly mistakes: readonly YamlMistake[] };

/** More mistakes than this say that the file is something else. */
const MISTAKES_MAX = 10;
/** A configuration in one line of JSON nests five deep. */
const BRACKETS_MAX = 64;
/** The parser recurses, and a few kilobytes of brackets exhaust the stack; it says so in either of two ways. */
const TOO_DEEP = 'nested too deeply to read';

export function readYaml(text: string): YamlReading {
  const deepLine = tooDeepLine(text);
  if (deepLine !== undefined) {
    return { ok: false, mistakes: [{ line: deepLine, column: 1, sentence: TOO_DEEP }] };
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ok: false, mistakes: [{ line: 1, column: 1, sentence: TOO_DEEP }] };
  }
}

/**
 * The line where brackets stand open deeper than any configuration needs: the parser's time grows with the
 * square of that. Brackets in quotes and comments count too; nobody leaves that many open there.
 */
function tooDeepLine(text: string): number | undefined {
  let depth = 0;
  let line = 1;
  for (const char of text) {
    if (char === '\n') line += 1;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    if (depth > BRACKETS_MAX) return line;
  }
  return undefined;
}

function parse(text: string): YamlReading {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const parsed = parseDocument(text, {
    lineCounter: lines,
    // Everything wrong is told as a mistake; otherwise the parser also speaks to the process's standard error.
    logLevel: 'error',
    prettyErrors: false,
    schema: 'core',
    uniqueKeys: true,
  });
  const mistakes: YamlMistake[] = [...parsed.errors, ...parsed.warnings].map((error) => ({
    ...placeAt(error.pos[0]),
    sentence: error.message.includes('call stack')
      ? TOO_DEEP
      : (error.message.split('\n', 1)[0] ?? error.code),
  }));
  visit(parsed, {
    // Each would be written out as text, and with them everything inside: minutes for a few hundred bytes.
    Pair: (_key, { key }) => {
      if (isScalar(key) || isAlias(key)) return;
      const offset = rangeStart(key) ?? 0;
      mistakes.push({ ...placeAt(offset), sentence: 'a list or a map is no name of a setting' });
    },
    Alias: (_key, node) => {
      mistakes.push({
        ...placeAt(node.range?.[0] ?? 0),
        sentence: `alias '*${node.source}' is not taken; write the value out`,
      });
    },
  });
  if (mistakes.length > 0) return { ok: false, mistakes: firstOfEachLine(mistakes) };
  return { ok: true, document: documentOf(parsed, placeAt) };
}

/** One mistake drags others behind it; the first of a line is the one to mend. */
function firstOfEachLine(mistakes: readonly YamlMistake[]): readonly YamlMistake[] {
  const byLine = new Map<number, YamlMistake>();
  for (const mistake of mistakes) {
    if (byLine.size >= MISTAKES_MAX) break;
    if (!byLine.has(mistake.line)) byLine.set(mistake.line, mistake);
  }
  return [...byLine.values()];
}

function documentOf(parsed: Document, placeAt: (offset: number) => Place): YamlDocument {
  return {
    value: parsed.toJS({ maxAliasCount: 0 }),
    place: (pointer, at) => placeAt(offsetOf(parsed, pointerKeys(pointer), at)),
  };
}

/** The offset of the deepest part of the path that exists. */
function offsetOf(parsed: Document, keys: readonly string[], at: 'key' | 'value'): number {
  let offset = parsed.contents?.range?.[0] ?? 0;
  let node: unknown = parsed.contents;
  for (const [index, key] of keys.entries()) {
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      : undefined;
    const item = isMap(node) ? pair?.value : elementOf(node, key);
    if (pair === undefined && item === undefined) return offset;
    const keyOffset = isPair(pair) && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
    const valueOffset = rangeStart(item);
    const last = index === keys.length - 1;
    offset =
      (last && at === 'value' ? (valueOffset ?? keyOffset) : (keyOffset ?? valueOffset)) ?? offset;
    node = item;
  }
  return offset;
}

function elementOf(node: unknown, key: string): unknown {
  if (typeof node !== 'object' || node === null || !('items' in node)) return undefined;
  return Array.isArray(node.items) ? (node.items[Number(key)] as unknown) : undefined;
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  return Array.isArray(node.range) ? (node.range[0] as number) : undefined;
}
