/**
 * What is said over the control socket: one JSON object a line, requests with an id, answers with the same id.
 *
 * `snapshot` and `switch` get one answer; `check` gets one at once and one with its report; `notes` gets one with the
 * newest notes and, when it follows, a line for each further note until the connection closes. `boardImage` brings a
 * part of a firmware image, `boardUpdate` begins the update with what was brought; its notes follow on the same
 * connection until the one that ends it.
 */

import type { AgentSnapshot, TimedNote } from '../model/snapshot.ts';
import type { CheckReport } from './check/check-report.ts';

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
  | { readonly id: number; readonly op: 'switch'; readonly tunnel: string }
  | {
      readonly id: number;
      readonly op: 'boardImage';
      /** 0 begins another image. */
      readonly offset: number;
      /** Base64. */
      readonly part: string;
    }
  | { readonly id: number; readonly op: 'boardUpdate' }
  | { readonly id: number; readonly op: 'boardAbort' };

export type ControlErrorCode =
  | 'ECONTROL_LINE'
  | 'ECONTROL_JSON'
  | 'ECONTROL_REQUEST'
  | 'ECONTROL_OP'
  | 'ECONTROL_CLIENTS'
  | 'ECONTROL_SNAPSHOT'
  | 'ECONTROL_SWITCH'
  | 'ECONTROL_CHECK'
  | 'ECONTROL_IMAGE'
  | 'ECONTROL_UPDATE';

/** What is on its way to the board, or was called off. */
export interface UpdateBegun {
  readonly model: string;
  readonly version: string;
  readonly sizeBytes: number;
}

export type ControlAnswer =
  | { readonly id: number; readonly ok: true; readonly snapshot: AgentSnapshot }
  | { readonly id: number; readonly ok: true; readonly notes: readonly TimedNote[] }
  | { readonly id: number; readonly ok: true; readonly note: TimedNote }
  /** A check has begun; its report follows. */
  | { readonly id: number; readonly ok: true; readonly checking: true }
  | { readonly id: number; readonly ok: true; readonly report: CheckReport }
  | {
      readonly id: number;
      readonly ok: true;
      readonly switched: { readonly ok: boolean; readonly because: string };
    }
  | { readonly id: number; readonly ok: true; readonly receivedBytes: number }
  | { readonly id: number; readonly ok: true; readonly update: UpdateBegun }
  | {
      /** Null when the request could not be read far enough to know it. */
      readonly id: number | null;
      readonly ok: false;
      readonly code: ControlErrorCode;
      readonly sentence: string;
    };

export type ControlRefusal = Extract<ControlAnswer, { readonly ok: false }>;

const TUNNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const BASE64 = /^(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MEMBERS: Readonly<Record<ControlRequest['op'], readonly string[]>> = {
  snapshot: ['id', 'op'],
  check: ['id', 'op'],
  notes: ['id', 'op', 'last', 'follow'],
  switch: ['id', 'op', 'tunnel'],
  boardImage: ['id', 'op', 'offset', 'part'],
  boardUpdate: ['id', 'op'],
  boardAbort: ['id', 'op'],
};

export function refusal(
  id: number | null,
  code: ControlErrorCode,
  sentence: string,
): ControlRefusal {
  return { id, ok: false, code, sentence };
}

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
      return switchRequest(id, value['tunnel']);
    case 'boardImage':
      return imageRequest(id, value['offset'], value['part']);
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

function switchRequest(id: number, tunnel: unknown): ControlRequest | ControlRefusal {
  return typeof tunnel === 'string' && TUNNEL_NAME.test(tunnel)
    ? { id, op: 'switch', tunnel }
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

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= NOTES_MAX;
}
