/**
 * Bytes to a JSON value, with the bounds that keep a hostile payload cheap: size before decoding, depth before
 * parsing.
 */
import { PAYLOAD_BYTES_MAX } from '../access/payloads.ts';
import type { Refusal } from '../model/desired.ts';

/** No document of ours nests deeper than six. */
const DEPTH_MAX = 32;

export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

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
  if (depthOf(text) > DEPTH_MAX) {
    return refused('EPAYLOAD_DEPTH', '', `nested deeper than ${DEPTH_MAX}`);
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return refused('EPAYLOAD_JSON', '', 'not JSON');
  }
}

export function refused(
  code: string,
  pointer: string,
  sentence: string,
): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { code, pointer, sentence } };
}

/** How deep brackets nest outside strings; an upper bound also for text that is no JSON. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth -= 1;
  }
  return deepest;
}
