/**
 * What may be asked of a board over its control socket: one JSON object a line, checked field by field.
 */
import type { BoardAction } from '../models/board/board-action.ts';

export type BoardRequest =
  | BoardAction
  /** Answers with the board's state and changes nothing. */
  | { readonly do: 'state' }
  /** The whole serial adapter is taken away, or put back under another pty. */
  | { readonly do: 'unplug' }
  | { readonly do: 'replug' };

export interface RequestRefusal {
  readonly code:
    | 'ECONTROL_JSON'
    | 'ECONTROL_VERB'
    | 'ECONTROL_KEY'
    | 'ECONTROL_RANGE'
    | 'ECONTROL_PORT';
  readonly text: string;
  /** JSON pointer to the culprit. */
  readonly pointer: string;
}

export type ParsedRequest =
  | { readonly ok: true; readonly request: BoardRequest }
  | { readonly ok: false; readonly refusal: RequestRefusal };

/** A whole number with its bounds, or one of a few words; without `otherwise` it must be given. */
interface Field {
  readonly key: string;
  readonly low: number;
  readonly high: number;
  readonly words?: readonly string[];
  readonly otherwise?: number;
  /** `null` or nothing means "none". */
  readonly optional?: true;
}

const NOTHING: readonly Field[] = [];
const PORT: readonly Field[] = [{ key: 'port', low: 1, high: 16 }];
const COUNT: readonly Field[] = [{ key: 'count', low: 1, high: 1_000, otherwise: 1 }];

const YES_OR_NO = { low: 0, high: 1 } as const;

function oneOf(key: string, words: readonly string[]): Field {
  return { key, words, low: 0, high: 0 };
}

const FIELDS: Readonly<Record<BoardRequest['do'], readonly Field[]>> = {
  pull: PORT,
  plug: PORT,
  link: [
    ...PORT,
    { key: 'speedMbps', low: 0, high: 800_000 },
    oneOf('duplex', ['full', 'half', 'unknown']),
  ],
  lte: [{ key: 'dBm', low: -150, high: 0, optional: true }],
  sim: [{ key: 'ready', ...YES_OR_NO }],
  lteModule: [{ key: 'present', ...YES_OR_NO }],
  sensor: [
    oneOf('sensor', ['temperature', 'fan', 'voltage']),
    { key: 'index', low: 0, high: 255, otherwise: 0 },
    { key: 'value', low: -60_000, high: 200_000 },
  ],
  reboot: NOTHING,
  powerCut: NOTHING,
  rebootAtCommand: [oneOf('when', ['before', 'after'])],
  badImage: NOTHING,
  garbage: [{ key: 'bytes', low: 1, high: 65_536, otherwise: 256 }],
  silence: [{ key: 'ms', low: 1, high: 3_600_000, otherwise: 5_000 }],
  wedge: NOTHING,
  noise: [{ key: 'ppm', low: 0, high: 1_000_000 }],
  splits: [{ key: 'bytes', low: 0, high: 256 }],
  pace: [{ key: 'baudRate', low: 0, high: 4_000_000 }],
  loseAcks: COUNT,
  duplicate: COUNT,
  delay: [...COUNT, { key: 'ms', low: 1, high: 10_000, otherwise: 500 }],
  swap: COUNT,
  button: [{ key: 'heldMs', low: 0, high: 600_000, otherwise: 100 }],
  state: NOTHING,
  unplug: NOTHING,
  replug: NOTHING,
};

const VERBS = Object.keys(FIELDS).join(', ');

/** Parses one line; `ports` are those the board has. */
export function parseBoardRequest(line: string, ports: readonly number[]): ParsedRequest {
  const asked = parseObject(line);
  if (asked === undefined) {
    return refuse(
      'ECONTROL_JSON',
      '',
      'a request is one JSON object, such as {"do":"pull","port":5}',
    );
  }
  const verb = asked['do'];
  if (!isVerb(verb)) return refuse('ECONTROL_VERB', '/do', `"do" must be one of ${VERBS}`);
  const fields = FIELDS[verb];
  const unknown = Object.keys(asked).find(
    (key) => key !== 'do' && !fields.some((field) => field.key === key),
  );
  if (unknown !== undefined) {
    return refuse('ECONTROL_KEY', `/${unknown}`, `"${verb}" knows no such key`);
  }
  const request: Record<string, unknown> = { do: verb };
  for (const field of fields) {
    const value = asked[field.key] ?? field.otherwise;
    if (field.optional === true && (value === undefined || value === null)) continue;
    if (!fits(value, field)) {
      const range =
        field.words?.map((word) => `"${word}"`).join(' or ') ??
        `a whole number from ${field.low} to ${field.high}`;
      return refuse('ECONTROL_RANGE', `/${field.key}`, `"${field.key}" must be ${range}`);
    }
    request[field.key] = value;
  }
  const port = request['port'];
  if (typeof port === 'number' && !ports.includes(port)) {
    const known = ports.join(', ');
    return refuse('ECONTROL_PORT', '/port', `this board has ports ${known} and no port ${port}`);
  }
  return { ok: true, request: request as unknown as BoardRequest };
}

function fits(value: unknown, { low, high, words }: Field): boolean {
  if (words !== undefined) return typeof value === 'string' && words.includes(value);
  return Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function isVerb(value: unknown): value is BoardRequest['do'] {
  return typeof value === 'string' && Object.hasOwn(FIELDS, value);
}

function refuse(code: RequestRefusal['code'], pointer: string, text: string): ParsedRequest {
  return { ok: false, refusal: { code, text, pointer } };
}
