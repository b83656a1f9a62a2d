/**
 * What a browser sends to the page: the head of an HTTP request as text, an empty line, and then the body of an act or,
 * behind an upgrade, a message on the WebSocket.
 *
 * Property: whatever is let in came to a name of ours from a page of ours, as JSON; and is one of the few things there
 * are, with values in their bounds. Node parses the head on the device; here it is split at its lines.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { PageGuard, type PageRefusal } from '../../../agent/adapters/page/page-server-guard.ts';
import {
  actRefusal,
  isEmptyAsk,
  isPageAct,
  jsonOf,
  maySay,
  type PageAct,
  readBundleAsk,
  readPageAsk,
  readRoleAndPassword,
} from '../../../agent/diag/page-access/page-request.ts';
import { joined } from '../mutation.ts';
import { reshapedJson } from '../reshaping.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';
import { JSON_WORDS } from './json-words.ts';

const OURS = ['192.168.10.1', 'sag.lan'];
const GUARD = new PageGuard({ address: OURS[0] ?? '', hosts: OURS.slice(1) });
const HEAD_END = '\r\n\r\n';
const PASSWORD_CHARACTERS_MAX = 128;
/** What a normalised character may be longer than it was (Unicode Standard Annex 15, NFC). */
const NFC_GROWTH_MAX = 3;
const BLINK_S_MAX = 600;

export const page: FuzzTarget = {
  bytesMax: 4_096,
  dictionary: [
    ...JSON_WORDS,
    'POST /logon HTTP/1.1\r\n',
    'GET / HTTP/1.1\r\n',
    'host: sag.lan\r\n',
    'host: sag.lan.evil\r\n',
    'host: 192.168.10.1:99999\r\n',
    'origin: http://sag.lan\r\n',
    'origin: null\r\n',
    'sec-fetch-site: cross-site\r\n',
    'content-type: application/json\r\n',
    'content-encoding: br\r\n',
    'upgrade: websocket\r\n',
    '/%2e%2e/',
    HEAD_END,
    '"role":"admin"',
  ],
  reshape: (input, random) => {
    const bodyAt = split(input).bodyAt;
    return joined(input.subarray(0, bodyAt), reshapedJson(input.subarray(bodyAt), random));
  },
  check: (input) => {
    const { method, path, headers, bodyAt } = split(input);
    const body = new TextDecoder().decode(input.subarray(bodyAt));
    if (headers['upgrade'] === 'websocket') {
      const refused = GUARD.upgradeRefusal(method, headers);
      if (refused !== undefined) return heldRefusal(refused);
      holdFromUs(headers);
      return message(body);
    }
    const refused = GUARD.refusal(method, headers);
    if (refused !== undefined) return heldRefusal(refused);
    holdName(headers);
    if (method !== 'POST' || !isPageAct(path)) return 'no act';
    const actRefused = GUARD.actRefusal(headers);
    if (actRefused !== undefined) return heldRefusal(actRefused);
    holdFromUs(headers);
    hold(/^application\/json/i.test(headers['content-type'] ?? ''), 'an act is no JSON');
    hold(actRefusal(path, 'admin') === undefined, 'an administrator may not do an act');
    return act(path, jsonOf(body));
  },
};

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyAt: number;
}

function split(input: Uint8Array): Request {
  const text = new TextDecoder('latin1').decode(input);
  const found = text.indexOf(HEAD_END);
  const end = found < 0 ? text.length : found;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] ??= line.slice(colon + 1).trim();
  }
  return { method, path, headers, bodyAt: Math.min(input.length, end + HEAD_END.length) };
}

function heldRefusal({ code, status }: PageRefusal): string {
  hold(/^EPAGE_[A-Z]+$/.test(code), `a refusal has the code ${code}`);
  hold(status >= 400 && status < 500, `a refusal has the status ${status}`);
  return code;
}

function holdName({ host = '' }: IncomingHttpHeaders): void {
  const name = host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
  hold(OURS.includes(name), `a request to ${JSON.stringify(host)} is let in`);
}

function holdFromUs(headers: IncomingHttpHeaders): void {
  holdName(headers);
  const { origin = '', host = '' } = headers;
  hold(origin.replace(/^https?:\/\//, '') === host, 'a request of another page is let in');
}

function act(path: PageAct, value: unknown): string {
  const asked = readRoleAndPassword(value);
  if (asked !== undefined) {
    holdEqual(Object.keys(asked), ['role', 'password'], 'a logon has further members');
    hold(asked.role === 'admin' || asked.role === 'viewer', 'a logon has another role');
    const { length } = asked.password;
    hold(length <= PASSWORD_CHARACTERS_MAX * NFC_GROWTH_MAX, 'a password has no bound');
    return `${path} logon`;
  }
  const level = readBundleAsk(value);
  if (level !== undefined) {
    hold(['none', 'public', 'all'].includes(level), 'a bundle is anonymised otherwise');
    return `${path} bundle`;
  }
  return isEmptyAsk(value) ? `${path} empty` : `${path} refused`;
}

function message(text: string): string {
  const ask = readPageAsk(text);
  if (ask === undefined) return 'message refused';
  holdEqual(readPageAsk(JSON.stringify(ask)), ask, 'a message did not survive');
  if (ask.op === 'blink') hold(ask.seconds <= BLINK_S_MAX, 'the lamps blink for ever');
  hold(maySay('admin', ask), 'an administrator may not say it');
  hold(maySay('viewer', ask) === (ask.op === 'check'), 'a viewer may do more than look');
  return `message ${ask.op}`;
}
