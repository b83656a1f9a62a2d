/**
 * The desired document, from bytes to the verdict on it.
 *
 * Property: accepted whole, and then the same once written and read again; or refused whole, with a code, a
 * pointer and a sentence.
 */
import { PAYLOAD_BYTES_MAX } from '../../../agent/access/payloads.ts';
import { readDesired } from '../../../agent/contract/desired-schema.ts';
import { hashed } from '../../../agent/contract/document-hash.ts';
import type { AgentConfig } from '../../../agent/model/config.ts';
import { judgeDesired } from '../../../agent/state/desired-check.ts';
import { reshapedJson } from '../reshaping.ts';
import { type FuzzTarget, hold, holdEqual, holdRefusal } from '../target.ts';
import { JSON_WORDS } from './json-words.ts';

const wired = { kind: 'wired', weight: 100, use: 'data' } as const;
const CONFIG: AgentConfig = {
  tenant: 'acme',
  area: 'Mainland China',
  stateDirectory: '/var/lib/sag-agent',
  controlSocket: '/run/sag-agent/control.sock',
  board: { path: '/dev/ttyS1', baudRate: 115_200 },
  uplinks: [
    { ...wired, id: 'wan1', deviceName: 'wan1', priority: 1, gateway: '10.91.1.1' },
    { ...wired, id: 'wan2', deviceName: 'wan2', priority: 2, gateway: '10.91.2.1' },
  ],
  lanPorts: [{ id: 'lan0', deviceName: 'lan0', address: '192.168.10.1/24' }],
  lanPrefixes: ['192.168.10.0/24'],
  access: {
    certificateFile: 'device.crt',
    keyFile: 'device.key',
    caFile: 'ca.crt',
    keepAliveS: 30,
    gateways: [],
  },
  logLevel: 'info',
};

export const desired: FuzzTarget = {
  bytesMax: PAYLOAD_BYTES_MAX + 64,
  dictionary: [
    ...JSON_WORDS,
    '"10.0.0.0/8"',
    '"0.0.0.0/0"',
    '"192.168.10.0/24"',
    '"::/0"',
    '"fe80::1"',
    '"10.0.0.1/33"',
    '"Europe"',
    '"ipsec"',
    '"wan2"',
    '"192.168.10.254"',
    '"192.168.10.1/24"',
    '"DHCP"',
    '"publish"',
    '"cold_backup"',
    '"standby"',
    '"no_publish_and_publish_on_health_fail"',
  ],
  reshape: reshapedJson,
  check: (bytes) => {
    const read = readDesired(bytes);
    if (!read.ok) {
      const { revision } = read;
      hold(revision === undefined || Number.isSafeInteger(revision), 'a revision is no number');
      return holdRefusal(read.refusal);
    }
    const again = readDesired(new TextEncoder().encode(JSON.stringify(read.value)));
    holdEqual(again, read, 'a document did not survive');
    const document = hashed(read.value);
    const verdict = judgeDesired(document, [], CONFIG);
    if (verdict.is === 'refused') return holdRefusal(verdict.refusal);
    const known = [{ revision: read.value.revision, hash: document.hash }];
    holdEqual(judgeDesired(document, known, CONFIG), { is: 'known' }, 'it does not know itself');
    return 'accepted';
  },
};
