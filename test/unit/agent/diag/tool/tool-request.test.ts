import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagTools, type Run } from '../../../../../agent/adapters/diag/diag-tools.ts';
import { captureArgv, pingArgv, traceArgv } from '../../../../../agent/diag/tool/tool-argv.ts';
import { ToolGate } from '../../../../../agent/diag/tool/tool-gate.ts';
import {
  isToolRefusal,
  readToolRequest,
  type ToolRequest,
} from '../../../../../agent/diag/tool/tool-request.ts';
import { readTarget } from '../../../../../agent/diag/tool/tool-target.ts';
import { HEALTHY_SNAPSHOT } from '../check/healthy-facts.ts';

/** Abuse cases AB-01, AB-02, AB-03, AB-28. */
const HOSTILE = [
  '8.8.8.8;id',
  '`id`',
  '$(id)',
  '8.8.8.8\nid',
  '8.8.8.8\0',
  '-f',
  '--help',
  '-I eth0',
  '-zid',
  'a b',
  'a|b',
  'a&b',
  '../../etc/passwd',
  'eth0;reboot',
  'ünïcode.example',
  'x'.repeat(10_000),
  '',
  '.',
  'a..b',
  '-a.example',
  'a-.example',
  '127.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  '1.2.3.4.5',
  'fe80::1%eth0',
  '[::1]',
  '10.0.0.0/8',
];
const WRONG_KINDS: readonly unknown[] = [
  null,
  -1,
  0.5,
  1e9,
  true,
  [],
  {},
  ['8.8.8.8'],
  { toString: 1 },
];

/** The fields somebody may fill in, each in an otherwise sound request. */
const FIELDS: readonly (readonly [name: string, request: (value: unknown) => unknown])[] = [
  ['target of ping', (target) => ({ tool: 'ping', target })],
  ['via of ping', (via) => ({ tool: 'ping', target: '192.0.2.1', via })],
  ['count of ping', (count) => ({ tool: 'ping', target: '192.0.2.1', count })],
  ['size of ping', (sizeBytes) => ({ tool: 'ping', target: '192.0.2.1', sizeBytes })],
  ['target of trace', (target) => ({ tool: 'trace', target })],
  ['name of dns', (name) => ({ tool: 'dns', name })],
  ['server of dns', (server) => ({ tool: 'dns', name: 'a.example', server })],
  ['type of dns', (type) => ({ tool: 'dns', name: 'a.example', type })],
  ['target of probe', (target) => ({ tool: 'probe', target })],
  ['port of probe', (port) => ({ tool: 'probe', target: '192.0.2.1', port })],
  ['via of capture', (via) => ({ tool: 'capture', via })],
  ['host of capture', (host) => ({ tool: 'capture', via: 'wan1', host })],
  ['port of capture', (port) => ({ tool: 'capture', via: 'wan1', port })],
  ['protocol of capture', (protocol) => ({ tool: 'capture', via: 'wan1', protocol })],
  ['seconds of capture', (seconds) => ({ tool: 'capture', via: 'wan1', seconds })],
  ['packets of capture', (packets) => ({ tool: 'capture', via: 'wan1', packets })],
  ['tool', (tool) => ({ tool, target: '192.0.2.1' })],
];
const HOSTILE_PER_FIELD = 10_000;
/** Characters of which shells, terminals and option parsers make something. */
const SHARP = Array.from(';|&$`(){}[]<>*?!~#\'"\\\n\r\t\0 -=%^,:/@+ \u001b\u202eé');

const CODES = /^EDIAG_(TOOL|TARGET|VIA|OPTION)$/;

/** The same for every field. */
const VALUES: readonly unknown[] = [
  ...HOSTILE,
  ...WRONG_KINDS,
  ...fc.sample(
    fc
      .tuple(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom(...SHARP),
        fc.string({ unit: 'binary', maxLength: 40 }),
      )
      .map(([before, character, after]) => `${before}${character}${after} `),
    { numRuns: HOSTILE_PER_FIELD, seed: 7 },
  ),
];

function requested(value: unknown): ToolRequest {
  const request = readToolRequest(value);
  if (isToolRefusal(request)) throw new Error(request.sentence);
  return request;
}

describe('a diagnostic', () => {
  it.each(FIELDS)(
    `starts no program for ${HOSTILE_PER_FIELD} hostile values as %s`,
    async (_name, of) => {
      let started = 0;
      const spy: Run = async () => {
        started += 1;
        return Promise.reject(new Error('started'));
      };
      const tools = new DiagTools([], async () => Promise.resolve(HEALTHY_SNAPSHOT), spy);
      for (const value of VALUES) {
        const end = await tools.use(of(value), { role: 'local', onBytes: () => undefined });
        const isRefused = 'code' in end && CODES.test(end.code) && end.sentence.length < 200;
        if (!isRefused) throw new Error(`${JSON.stringify(value)}: ${JSON.stringify(end)}`);
      }
      expect(started).toBe(0);
    },
    60_000,
  );

  it('is refused with members it does not know, with foreign prototypes, and when it is no object', () => {
    const refused: readonly unknown[] = [
      undefined,
      'ping',
      [],
      JSON.parse('{"tool":"ping","target":"192.0.2.1","__proto__":{"via":"x"}}'),
      { tool: 'ping', target: '192.0.2.1', flood: true },
      Object.create({ tool: 'ping', target: '192.0.2.1' }),
    ];
    for (const value of refused) expect(isToolRefusal(readToolRequest(value))).toBe(true);
  });

  it.each(['192.0.2.1', '2001:db8::1', 'a', 'gw-1.example', `${'a'.repeat(63)}.example`])(
    'may be aimed at %s',
    (target) => {
      expect(readTarget(target)?.text).toBe(target);
    },
  );

  it('becomes an argument vector in which nothing of the asker can be an option', () => {
    const way = { deviceName: 'sagt1' };
    const ping = requested({ tool: 'ping', target: 'a.example', count: 3, sizeBytes: 1_420 });
    const trace = requested({ tool: 'trace', target: '192.0.2.1' });
    const capture = requested({
      tool: 'capture',
      via: 'wan1',
      host: '192.0.2.1',
      port: 443,
      protocol: 'tcp',
    });
    if (ping.tool !== 'ping' || trace.tool !== 'trace' || capture.tool !== 'capture')
      throw new Error();
    expect(pingArgv(ping, way).join(' ')).toBe(
      'ping -n -c 3 -w 5 -M do -s 1392 -I sagt1 -- a.example',
    );
    expect(traceArgv(trace, { ...way, address: '10.91.1.2' }).join(' ')).toBe(
      'traceroute -n -m 20 -q 1 -w 1 -s 10.91.1.2 -- 192.0.2.1',
    );
    expect(captureArgv(capture, way).join(' ')).toBe(
      'tcpdump -n -p -U -s 96 -c 200 -w - -i sagt1 -- tcp and host 192.0.2.1 and port 443',
    );
  });

  it('names the ways there are when it is sent through none of them', async () => {
    const tools = new DiagTools([], async () => Promise.resolve(HEALTHY_SNAPSHOT));
    const how = { role: 'local', onBytes: () => undefined } as const;
    const end = await tools.use({ tool: 'ping', target: '192.0.2.1', via: 'wan9' }, how);
    expect(end).toEqual({
      code: 'EDIAG_VIA',
      sentence:
        'there is no uplink or tunnel of that name; there is wan1, wan2, lte, wan1-agw1, wan2-agw2',
    });
  });
});

describe('the gate of diagnostics', () => {
  const ping = requested({ tool: 'ping', target: '198.51.100.7' });

  it('lets two run at a time', () => {
    const gate = new ToolGate([]);
    expect(gate.enter(ping, 'local', 0)).toBeUndefined();
    expect(gate.enter(ping, 'local', 0)).toBeUndefined();
    expect(gate.enter(ping, 'local', 0)?.code).toBe('EDIAG_BUSY');
    gate.ended();
    expect(gate.enter(ping, 'local', 0)).toBeUndefined();
  });

  it('lets the cloud run ten a minute', () => {
    const gate = new ToolGate([]);
    const ask = (nowMs: number): string | undefined => {
      const refusal = gate.enter(ping, 'remote', nowMs);
      if (refusal === undefined) gate.ended();
      return refusal?.code;
    };
    const first = Array.from({ length: 12 }, (_, at) => ask(at));
    expect(first.filter((code) => code === undefined)).toHaveLength(10);
    expect(first.at(-1)).toBe('EDIAG_RATE');
    expect(ask(61_000)).toBeUndefined();
  });

  it.each([
    ['itself', { tool: 'ping', target: '127.0.0.1' }],
    ['itself by IPv6', { tool: 'probe', target: '::1', port: 22 }],
    ['itself, disguised', { tool: 'ping', target: '::ffff:127.0.0.1' }],
    ['link-local metadata', { tool: 'probe', target: '169.254.169.254', port: 80 }],
    ['the LAN', { tool: 'ping', target: '192.168.10.7' }],
    ['a name, which may be any of these', { tool: 'ping', target: 'localtest.example' }],
    ['a name server on the LAN', { tool: 'dns', name: 'a.example', server: '192.168.10.1' }],
    ['packets', { tool: 'capture', via: 'wan1' }],
  ])('keeps the cloud away from %s', (_what, asked) => {
    const gate = new ToolGate(['192.168.10.0/24']);
    expect(gate.enter(requested(asked), 'remote', 0)?.code).toBe('EDIAG_POLICY');
    expect(gate.enter(requested(asked), 'local', 0)).toBeUndefined();
  });
});
