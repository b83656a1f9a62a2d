/**
 * Bytes to a JSON value, with the bounds that keep a hostile payload cheap: size before decoding, depth before
 * parsing.
 */
import { PAYLOAD_BYTES_MAX } from '../access/payloads.ts';
import type { Refusal } from '../model/desired.ts';
import { scanJson } from './json-scan.ts';

/** No document of ours nests deeper than six. */
const DEPTH_MAX = 32;

export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

/** Half of a pair, or a whole one, written as an escape. */
const SURROGATE = /\\u[dD][89a-fA-F]/;

const decoder = new TextDecoder('utf-8', { fatal: true });

export function readJson(bytes: Uint8Array): Read<unknown> {
  if (bytes.length > PAYLOAD_BYTES_MAX) {
    const sentence = `${bytes.length} bytes are more than the ${PAYLOAD_BYTES_MAX} allowed`;
    return refused('EPAYLOAD_TOO_LARGE', '', sentence);
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refused('EPAYLOAD_JSON', '', 'not UTF-8');
  }
  return readJsonText(text);
}

export function readJsonText(text: string): Read<unknown> {
  const { isTooDeep, repeatedKey } = scanJson(text, DEPTH_MAX);
  if (isTooDeep) return refused('EPAYLOAD_DEPTH', '', `nested deeper than ${DEPTH_MAX}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('EPAYLOAD_JSON', '', 'not JSON');
  }
  if (repeatedKey !== undefined) return refused('EPAYLOAD_KEY', '', 'an object names a key twice');
  if (hasLoneSurrogate(text)) return refused('EPAYLOAD_JSON', '', 'half a character');
  return { ok: true, value };
}

export function refused(
  code: string,
  pointer: string,
  sentence: string,
): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { code, pointer, sentence } };
}

/** `JSON.parse` makes them of escapes; in UTF-8 they do not exist, so that they could not be written down again. */
function hasLoneSurrogate(text: string): boolean {
  if (!SURROGATE.test(text)) return false;
  let isWhole = true;
  JSON.parse(text, (key: string, part: unknown) => {
    isWhole &&= key.isWellFormed() && (typeof part !== 'string' || part.isWellFormed());
    return part;
  });
  return !isWhole;
}
