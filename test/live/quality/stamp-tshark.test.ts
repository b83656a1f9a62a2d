import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, type TestContext, test } from 'vitest';
import { encodeStampRequest } from '../../../agent/tunnel/quality/stamp-packet.ts';
import { StampReflector } from '../../../agent/tunnel/quality/stamp-reflector.ts';
import { STAMP_ERROR_ESTIMATE, stampTime } from '../../../agent/tunnel/quality/stamp-time.ts';

const directory = mkdtempSync(join(tmpdir(), 'sag-stamp-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const REQUEST_PORT = 50_862;

/** A capture of raw IPv4 packets (LINKTYPE_RAW), as tshark reads it. */
function capture(
  payloads: readonly { readonly reply: boolean; readonly bytes: Uint8Array }[],
): string {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 65_535);
  view.setUint32(20, 101);
  const path = join(directory, 'stamp.pcap');
  writeFileSync(path, Buffer.concat([header, ...payloads.map(record)]));
  return path;
}

function record({ reply, bytes }: { readonly reply: boolean; readonly bytes: Uint8Array }): Buffer {
  const length = 28 + bytes.byteLength;
  const out = Buffer.alloc(16 + length);
  out.writeUInt32BE(length, 8);
  out.writeUInt32BE(length, 12);
  out[16] = 0x45;
  out.writeUInt16BE(length, 18);
  out[24] = 255;
  out[25] = 17;
  out.set(reply ? [10, 0, 0, 2, 10, 0, 0, 1] : [10, 0, 0, 1, 10, 0, 0, 2], 28);
  out.writeUInt16BE(reply ? 862 : REQUEST_PORT, 36);
  out.writeUInt16BE(reply ? REQUEST_PORT : 862, 38);
  out.writeUInt16BE(8 + bytes.byteLength, 40);
  out.set(bytes, 44);
  return out;
}

function tshark(args: readonly string[]): string {
  return execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function dissectorMissing(): string | undefined {
  try {
    return /twamp\.test/i.test(tshark(['-G', 'protocols'])) ||
      /twamp-test|twamp\.test/i.test(tshark(['-G', 'decodes']))
      ? undefined
      : 'this tshark knows no TWAMP-Test or STAMP packets';
  } catch (error) {
    return `tshark does not run here: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
  }
}

function need(ctx: TestContext): void {
  const missing = dissectorMissing();
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
}

test('tshark reads our STAMP packets, both ways and padded, with nothing malformed', (ctx) => {
  need(ctx);
  const reflector = new StampReflector();
  const payloads = [44, 44, 44, 48, 1_392].flatMap((length, sequence) => {
    const session = length === 44 ? 1 : 2;
    const bytes = encodeStampRequest({
      sequence,
      sent: stampTime(1_000_000 + sequence * 100.25),
      errorEstimate: STAMP_ERROR_ESTIMATE,
      session,
      length,
    });
    const replies = reflector.hear('t1', bytes, 2_000_000 + sequence * 100);
    return [
      { reply: false, bytes },
      ...replies.map((each) => ({ reply: true, bytes: each.bytes })),
    ];
  });
  expect(payloads).toHaveLength(10);
  const path = capture(payloads);
  const decodeAs = ['-d', `udp.port==${REQUEST_PORT},twamp.test`];
  const malformed = tshark([
    '-r',
    path,
    ...decodeAs,
    '-Y',
    '_ws.malformed || _ws.expert.severity >= 8388608',
  ]);
  expect(malformed).toBe('');
  const fields = ['frame.protocols', 'twamp.test.seq_number', 'twamp.test.error_estimate'];
  const rows = tshark([
    '-r',
    path,
    ...decodeAs,
    '-T',
    'fields',
    ...fields.flatMap((f) => ['-e', f]),
  ])
    .trim()
    .split('\n')
    .map((row) => row.split('\t'));
  process.stdout.write(`    tshark: ${rows.length} packets, ${rows[0]?.join(' ')}\n`);
  expect(rows).toHaveLength(10);
  for (const [protocols = ''] of rows) expect(protocols).toMatch(/twamp/);
  expect(rows.filter((_, at) => at % 2 === 0).map((row) => Number(row[1]))).toEqual([
    0, 1, 2, 3, 4,
  ]);
});
