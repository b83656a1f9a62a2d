/**
 * What is asked over the control socket: one JSON object a line, requests with an id, answers with the same id.
 *
 * `snapshot`, `switch`, `rekey`, `blink`, `logLevel` and `wan` get one answer; `check` and `tool` get one at once, one a piece of
 * output, and one at their end; `notes` gets one with the newest notes and, when it follows, a line for each further
 * note until the connection closes. `boardImage` brings a part of a firmware image, `boardUpdate` begins the update
 * with what was brought; its notes follow on the same connection until the one that ends it.
 */
import { LOG_LEVEL_S_MAX } from '../model/log-level.ts';
import { NOTE_LEVELS, type NoteLevel } from '../model/note.ts';
import { type ControlRefusal, refusal } from './control-answer.ts';

/** A request longer than this is not one. */
export const REQUEST_BYTES_MAX = 4096;
/** Bytes of an image in one request; as base64 they leave room for the rest of the line. */
export const IMAGE_PART_BYTES_MAX = 2_304;
/** Notes one request may ask for. */
export const NOTES_MAX = 1_000;

export type ControlRequest =
  | { readonly id: number; readonly op: 'snapshot' }
  | { readonly id: number; readonly op: 'check' }
  | {
      readonly id: number;
      readonly op: 'notes';
      readonly last?: number;
      readonly follow?: boolean;
    }
  | { readonly id: number; readonly op: 'switch' | 'rekey'; readonly tunnel: string }
  | {
      readonly id: number;
      readonly op: 'boardImage';
      /** 0 begins another image. */
      readonly offset: number;
      /** Base64. */
      readonly part: string;
    }
  | { readonly id: number; readonly op: 'boardUpdate' }
  | { readonly id: number; readonly op: 'boardAbort' }
  /** A diagnostic; `ask` is read by `readToolRequest`. */
  | { readonly id: number; readonly op: 'tool'; readonly ask: unknown }
  /** How an uplink gets its address; `ask` is read by `readWanAsk`. */
  | { readonly id: number; readonly op: 'wan'; readonly ask: unknown }
  /** Every lamp blinks; 0 ends it. */
  | { readonly id: number; readonly op: 'blink'; readonly seconds: number }
  | {
      readonly id: number;
      readonly op: 'logLevel';
      readonly level: NoteLevel;
      readonly seconds: number;
    };

const TUNNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const BASE64 = /^(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MEMBERS: Readonly<Record<ControlRequest['op'], readonly string[]>> = {
  snapshot: ['id', 'op'],
  check: ['id', 'op'],
  notes: ['id', 'op', 'last', 'follow'],
  switch: ['id', 'op', 'tunnel'],
  rekey: ['id', 'op', 'tunnel'],
  boardImage: ['id', 'op', 'offset', 'part'],
  boardUpdate: ['id', 'op'],
  boardAbort: ['id', 'op'],
  tool: ['id', 'op', 'ask'],
  wan: ['id', 'op', 'ask'],
  blink: ['id', 'op', 'seconds'],
  logLevel: ['id', 'op', 'level', 'seconds'],
};
/** As long as somebody looks for a box in a rack. */
export const BLINK_S_MAX = 600;
const LEVELS: readonly unknown[] = NOTE_LEVELS;

/** A request, or the answer that refuses it. Everything is checked before anything is used. */
export function parseControlRequest(line: string): ControlRequest | ControlRefusal {
  const value = parseJson(line);
  if (value === undefined) return refusal(null, 'ECONTROL_JSON', 'a line must be one JSON object');
  const id = value['id'];
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) {
    return refusal(null, 'ECONTROL_REQUEST', 'id must be a whole number');
  }
  const op = value['op'];
  if (!isOp(op)) {
    const known = Object.keys(MEMBERS).join(', ');
    return refusal(id, 'ECONTROL_OP', `op must be one of ${known}`);
  }
  const unknown = Object.keys(value).find((key) => !MEMBERS[op].includes(key));
  if (unknown !== undefined) {
    return refusal(id, 'ECONTROL_REQUEST', `${op} takes only ${MEMBERS[op].join(', ')}`);
  }
  switch (op) {
    case 'snapshot':
    case 'check':
    case 'boardUpdate':
    case 'boardAbort':
      return { id, op };
    case 'notes':
      return notesRequest(id, value['last'], value['follow']);
    case 'switch':
    case 'rekey':
      return tunnelRequest(id, op, value['tunnel']);
    case 'boardImage':
      return imageRequest(id, value['offset'], value['part']);
    case 'tool':
    case 'wan':
      return { id, op, ask: value['ask'] };
    case 'blink':
      return blinkRequest(id, value['seconds']);
    case 'logLevel':
      return logLevelRequest(id, value['level'], value['seconds']);
  }
}

function isOp(op: unknown): op is ControlRequest['op'] {
  return typeof op === 'string' && Object.hasOwn(MEMBERS, op);
}

function parseJson(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function notesRequest(id: number, last: unknown, follow: unknown): ControlRequest | ControlRefusal {
  if (last !== undefined && !isCount(last)) {
    return refusal(id, 'ECONTROL_REQUEST', `last must be a whole number from 0 to ${NOTES_MAX}`);
  }
  if (follow !== undefined && typeof follow !== 'boolean') {
    return refusal(id, 'ECONTROL_REQUEST', 'follow must be true or false');
  }
  return {
    id,
    op: 'notes',
    ...(last !== undefined && { last }),
    ...(follow !== undefined && { follow }),
  };
}

function tunnelRequest(
  id: number,
  op: 'switch' | 'rekey',
  tunnel: unknown,
): ControlRequest | ControlRefusal {
  return typeof tunnel === 'string' && TUNNEL_NAME.test(tunnel)
    ? { id, op, tunnel }
    : refusal(id, 'ECONTROL_REQUEST', 'tunnel must be the name of a tunnel');
}

function imageRequest(id: number, offset: unknown, part: unknown): ControlRequest | ControlRefusal {
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0) {
    return refusal(id, 'ECONTROL_REQUEST', 'offset must be a whole number');
  }
  return typeof part === 'string' && BASE64.test(part)
    ? { id, op: 'boardImage', offset, part }
    : refusal(id, 'ECONTROL_REQUEST', 'part must be base64');
}

function blinkRequest(id: number, seconds: unknown): ControlRequest | ControlRefusal {
  return isWhole(seconds, BLINK_S_MAX)
    ? { id, op: 'blink', seconds }
    : refusal(id, 'ECONTROL_REQUEST', `seconds must be a whole number from 0 to ${BLINK_S_MAX}`);
}

function logLevelRequest(
  id: number,
  level: unknown,
  seconds: unknown,
): ControlRequest | ControlRefusal {
  if (!LEVELS.includes(level))
    return refusal(id, 'ECONTROL_REQUEST', `level must be one of ${LEVELS.join(', ')}`);
  return isWhole(seconds, LOG_LEVEL_S_MAX) && seconds > 0
    ? { id, op: 'logLevel', level: level as NoteLevel, seconds }
    : refusal(
        id,
        'ECONTROL_REQUEST',
        `seconds must be a whole number from 1 to ${LOG_LEVEL_S_MAX}`,
      );
}

function isCount(value: unknown): value is number {
  return isWhole(value, NOTES_MAX);
}

function isWhole(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}
