import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedLines } from '../../../../agent/diag/bounded-lines.ts';
import {
  IMAGE_PART_BYTES_MAX,
  parseControlRequest,
  REQUEST_BYTES_MAX,
} from '../../../../agent/diag/control-protocol.ts';
import { ImageUpload } from '../../../../agent/diag/image-upload.ts';
import { IMAGE_BYTES_MAX } from '../../../../firmware-shim/wire/limits.ts';

describe('a request over the control socket', () => {
  it.each([
    [{ id: 1, op: 'snapshot' }],
    [{ id: 2, op: 'notes' }],
    [{ id: 2, op: 'notes', last: 0, follow: true }],
    [{ id: 3, op: 'switch', tunnel: 'wan2-agw1' }],
    [{ id: 4, op: 'boardImage', offset: 0, part: 'U0FHRg==' }],
    [{ id: 4, op: 'boardImage', offset: 4, part: 'AAAA' }],
    [{ id: 5, op: 'boardUpdate' }],
    [{ id: 6, op: 'boardAbort' }],
  ])('is taken as it is: %j', (request) => {
    expect(parseControlRequest(JSON.stringify(request))).toEqual(request);
  });

  it.each([
    ['no JSON', 'status', 'ECONTROL_JSON'],
    ['a list', '[1]', 'ECONTROL_JSON'],
    ['nothing', 'null', 'ECONTROL_JSON'],
    ['no id', '{"op":"snapshot"}', 'ECONTROL_REQUEST'],
    ['a text for an id', '{"id":"1","op":"snapshot"}', 'ECONTROL_REQUEST'],
    ['an unknown op', '{"id":1,"op":"shell"}', 'ECONTROL_OP'],
    ['a list for an op', '{"id":1,"op":["snapshot"]}', 'ECONTROL_OP'],
    ['an op that every object has', '{"id":1,"op":"constructor"}', 'ECONTROL_OP'],
    ['an unknown member', '{"id":1,"op":"snapshot","x":1}', 'ECONTROL_REQUEST'],
    ['__proto__', '{"id":1,"op":"snapshot","__proto__":{"a":1}}', 'ECONTROL_REQUEST'],
    ['too many notes', '{"id":1,"op":"notes","last":1001}', 'ECONTROL_REQUEST'],
    ['a fraction of a note', '{"id":1,"op":"notes","last":1.5}', 'ECONTROL_REQUEST'],
    ['a text for follow', '{"id":1,"op":"notes","follow":"yes"}', 'ECONTROL_REQUEST'],
    ['no tunnel', '{"id":1,"op":"switch"}', 'ECONTROL_REQUEST'],
    ['an option for a tunnel', '{"id":1,"op":"switch","tunnel":"-f"}', 'ECONTROL_REQUEST'],
    ['an object for a tunnel', '{"id":1,"op":"switch","tunnel":{}}', 'ECONTROL_REQUEST'],
    ['a part without a place', '{"id":1,"op":"boardImage","part":"AAAA"}', 'ECONTROL_REQUEST'],
    [
      'half a byte for a place',
      '{"id":1,"op":"boardImage","offset":0.5,"part":"AAAA"}',
      'ECONTROL_REQUEST',
    ],
    ['a part of nothing', '{"id":1,"op":"boardImage","offset":0,"part":""}', 'ECONTROL_REQUEST'],
    [
      'a part that is no base64',
      '{"id":1,"op":"boardImage","offset":0,"part":"AA=A"}',
      'ECONTROL_REQUEST',
    ],
    [
      'a path for an update',
      '{"id":1,"op":"boardUpdate","path":"/etc/passwd"}',
      'ECONTROL_REQUEST',
    ],
    ['a newline in a tunnel', '{"id":1,"op":"switch","tunnel":"a\\nb"}', 'ECONTROL_REQUEST'],
  ])('is refused for %s', (_what, line, code) => {
    expect(parseControlRequest(line)).toMatchObject({ ok: false, code });
  });

  it('never throws, whatever the line', () => {
    fc.assert(fc.property(fc.string(), (line) => void parseControlRequest(line)));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void parseControlRequest(JSON.stringify(value))),
    );
  });
});

describe('an image in parts', () => {
  it('is what was sent, and grows only in order and up to what a board takes', () => {
    const upload = new ImageUpload();
    expect(upload.take(0, Uint8Array.of(1, 2))).toBe(2);
    expect(upload.take(1, Uint8Array.of(9))).toBeUndefined();
    expect(upload.take(3, Uint8Array.of(9))).toBeUndefined();
    expect(upload.take(2, Uint8Array.of(3))).toBe(3);
    expect(upload.bytes).toEqual(Uint8Array.of(1, 2, 3));
    expect(upload.take(3, new Uint8Array(IMAGE_BYTES_MAX - 2))).toBeUndefined();
    expect(upload.take(3, new Uint8Array(IMAGE_BYTES_MAX - 3))).toBe(IMAGE_BYTES_MAX);
  });

  it('fits into requests that are short enough', () => {
    const part = Buffer.alloc(IMAGE_PART_BYTES_MAX).toString('base64');
    const request = { id: 2 ** 31, op: 'boardImage', offset: IMAGE_BYTES_MAX, part };
    expect(JSON.stringify(request).length).toBeLessThanOrEqual(REQUEST_BYTES_MAX);
  });
});

describe('lines out of a byte stream', () => {
  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/[\n\ufeff]/.test(text)),
        ),
        fc.array(fc.nat(30)),
        (texts, cuts) => {
          const bytes = new TextEncoder().encode(texts.map((text) => `${text}\n`).join(''));
          const lines = new BoundedLines(4096);
          const found: string[] = [];
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            found.push(...(lines.push(bytes.subarray(at, at + cut)) ?? ['overflow']));
            at = Math.min(bytes.length, at + cut);
          }
          expect(found).toEqual(texts);
        },
      ),
    );
  });

  it('end where one outgrows its bound, also in pieces', () => {
    const lines = new BoundedLines(4);
    expect(lines.push(new TextEncoder().encode('1234\n12'))).toEqual(['1234']);
    expect(lines.push(new TextEncoder().encode('345'))).toBeUndefined();
  });
});
