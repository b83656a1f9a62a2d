/**
 * Compares a parsed document with the schema and says in sentences what does not fit, all of it at once.
 */
import type { TSchema } from '@sinclair/typebox';
import { Errors, type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import { Default } from '@sinclair/typebox/value';
import { AREAS_2018, AREAS_2021, type AreaRow } from '../model/area.ts';
import { type ConfigProblemCode, type Finding, pointerKeys } from './config-problem.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';

/** A file with more mistakes than this is not a configuration; the first ones say enough. */
const FINDINGS_MAX = 100;
/** As much of a wrong value as a sentence shows. */
const SHOWN_CHARACTERS_MAX = 40;

/** The document with every missing key that has a default filled in. */
export function withDefaults(document: unknown): unknown {
  return Default(CONFIG_SCHEMA, document);
}

/** One finding per place; the first error of a place is the most telling one. */
export function shapeFindings(document: unknown): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const error of Errors(CONFIG_SCHEMA, document)) {
    if (findings.size >= FINDINGS_MAX) break;
    if (!findings.has(error.path)) findings.set(error.path, findingOf(error));
  }
  return [...findings.values()];
}

function findingOf(error: ValueError): Finding {
  const pointer = error.path;
  const key = pointerKeys(pointer).at(-1) ?? 'the document';
  switch (error.type) {
    case ValueErrorType.ObjectAdditionalProperties:
      return {
        code: 'ECONFIG_UNKNOWN_KEY',
        pointer,
        at: 'key',
        sentence: unknownKey(key, Object.keys(propertiesOf(error.schema))),
      };
    case ValueErrorType.ObjectRequiredProperty:
      return {
        code: 'ECONFIG_MISSING_KEY',
        pointer,
        at: 'key',
        sentence: `'${key}' is missing; add ${descriptionOf(error.schema)}`,
      };
    default:
      return {
        code: codeOf(error),
        pointer,
        at: 'value',
        sentence: `'${key}' must be ${descriptionOf(error.schema)}; it is ${shown(error.value)}${hint(error)}`,
      };
  }
}

function codeOf(error: ValueError): ConfigProblemCode {
  switch (error.type) {
    case ValueErrorType.Array:
    case ValueErrorType.Object:
    case ValueErrorType.String:
    case ValueErrorType.Integer:
      return 'ECONFIG_TYPE';
    case ValueErrorType.IntegerMinimum:
    case ValueErrorType.IntegerMaximum:
    case ValueErrorType.ArrayMinItems:
    case ValueErrorType.ArrayMaxItems:
    case ValueErrorType.StringMaxLength:
      return 'ECONFIG_RANGE';
    default:
      return (error.schema['code'] as ConfigProblemCode | undefined) ?? 'ECONFIG_VALUE';
  }
}

function descriptionOf(schema: TSchema): string {
  return schema.description ?? 'a value of another kind';
}

function propertiesOf(schema: TSchema): object {
  return (schema['properties'] as object | undefined) ?? {};
}

/** A wrong value as a reader recognises it, cut short and on one line. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}

function hint(error: ValueError): string {
  const { value, schema, type } = error;
  if (schema['code'] === 'ECONFIG_AREA' && typeof value === 'string') return areaHint(value);
  if (type === ValueErrorType.String && typeof value === 'number') {
    return '; put it in quotes to make it text';
  }
  return '';
}

/** People mix up CCN areas, CEN areas and regions; the table knows which area they mean. */
function areaHint(name: string): string {
  const wanted = name.toLowerCase();
  const meant = (row: AreaRow): boolean =>
    row.ccnArea.toLowerCase() === wanted ||
    row.cenArea.toLowerCase() === wanted ||
    row.regions.some((region) => region.id === wanted || region.name.toLowerCase() === wanted);
  const rows = [...AREAS_2018, ...AREAS_2021].filter(meant);
  const areas = [...new Set(rows.map((row) => `'${row.ccnArea}'`))];
  return areas.length === 0 ? '' : `; you may mean ${areas.join(' or ')}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = known.find((candidate) => distance(candidate.toLowerCase(), key.toLowerCase()) <= 2);
  const advice =
    near === undefined ? `remove it; known here: ${known.join(', ')}` : `you may mean '${near}'`;
  return `${shown(key)} is not a known setting; ${advice}`;
}

/** Levenshtein distance; long words are never near. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
