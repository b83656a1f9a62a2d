/** Hostile and mistaken payloads: each a code and a place, none a crash. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessIntake } from '../../../../agent/access/intake.ts';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { readAccessEvent } from '../../../../agent/contract/access-intake.ts';
import { desired, IPSEC, received, tunnel } from '../../../kit/branch.ts';

const topics = topicsOf('acme', 'sag00001');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function arrives(topic: string, payload: Uint8Array | object, retained = true): AccessIntake {
  const raw = payload instanceof Uint8Array ? payload : bytes(JSON.stringify(payload));
  return readAccessEvent({ type: 'messageArrived', topic, payload: raw, retained });
}

function refusalOf(intake: AccessIntake): string {
  return intake.type === 'messageRefused'
    ? `${intake.refusal.code} ${intake.refusal.pointer}`.trim()
    : intake.type;
}

const document = desired();
const commandTopic = topics.commands.replace('+', 'c-1');
const command = {
  v: 1,
  id: 'c-1',
  verb: 'switchActiveTunnel',
  tunnel: 'wan2-gwa',
  expiresAtMs: 1,
};

describe('a message from the gateway', () => {
  it.each([-1, 0, 1.5, '7'])('tells no revision of a document that calls %j one', (revision) => {
    const intake = arrives(topics.desired, { ...document, revision });
    expect(intake).toMatchObject({ type: 'messageRefused', about: 'desired' });
    expect(intake).not.toHaveProperty('revision');
  });

  it('becomes a document, a command, a sign of life or a wish for rebirth', () => {
    expect(arrives(topics.desired, document)).toEqual(received(document));
    expect(arrives(commandTopic, command, false)).toEqual({
      type: 'commandReceived',
      command,
      proof: 'unpinned',
      retained: false,
    });
    const life = { v: 1, state: 'offline', bdSeq: 3, bootId: 'b', why: 'lost' };
    expect(arrives(topics.life, life)).toEqual({ type: 'lifeReceived', life, retained: true });
    const confirm = { v: 1, revision: 1, nonce: 'boot-1-1' };
    expect(arrives(topics.confirm, confirm, false)).toEqual({
      type: 'confirmReceived',
      nonce: 'boot-1-1',
    });
    expect(arrives(topics.rebirth, bytes(''))).toEqual({ type: 'rebirthRequested' });
  });

  it.each<[string, Uint8Array | object, string]>([
    ['no JSON', bytes('{'), 'EPAYLOAD_JSON'],
    ['nothing', bytes(''), 'EPAYLOAD_JSON'],
    ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe]), 'EPAYLOAD_JSON'],
    ['a megabyte', new Uint8Array(1_048_576).fill(0x20), 'EPAYLOAD_TOO_LARGE'],
    ['deep nesting', bytes('['.repeat(10_000) + ']'.repeat(10_000)), 'EPAYLOAD_DEPTH'],
    ['deep nesting without an end', bytes('{"a":'.repeat(9_000)), 'EPAYLOAD_DEPTH'],
    ['an array', [], 'EPAYLOAD_SHAPE'],
    ['a key twice', bytes('{"v":1,"revision":1,"revision":2}'), 'EPAYLOAD_KEY'],
    ['a key twice, once in escapes', bytes('{"v":1,"\\u0076":1}'), 'EPAYLOAD_KEY'],
    [
      'a key twice, deep inside',
      bytes(JSON.stringify(document).replace('"v":1', '"v":1,"ccn":{"id":"a","id":"b"}')),
      'EPAYLOAD_KEY',
    ],
    [
      'half a character',
      { ...document, ccn: { id: 'c', name: '\ud800', area: 'Mainland China' } },
      'EPAYLOAD_JSON',
    ],
    ['an unknown key', { ...document, shell: 'rm' }, 'EPAYLOAD_SHAPE /shell'],
    [
      'a prototype in disguise',
      bytes(JSON.stringify(document).replace('{', '{"__proto__":{"admin":true},')),
      'EPAYLOAD_SHAPE /__proto__',
    ],
    ['another version', { ...document, v: 2 }, 'EPAYLOAD_SHAPE /v'],
    ['a revision of zero', { ...document, revision: 0 }, 'EPAYLOAD_SHAPE /revision'],
    ['an infinite revision', bytes('{"v":1,"revision":1e400}'), 'EPAYLOAD_SHAPE'],
    [
      'an area that is none',
      { ...document, ccn: { id: 'c', name: 'n', area: 'Atlantis' } },
      'EPAYLOAD_SHAPE /ccn/area',
    ],
    [
      'a tunnel id with a slash',
      { ...document, tunnels: [tunnel('../x')] },
      'EPAYLOAD_SHAPE /tunnels/0/id',
    ],
    [
      'a hundred thousand tunnels',
      { ...document, tunnels: Array.from({ length: 500 }, () => 0) },
      'EPAYLOAD_SHAPE /tunnels',
    ],
    [
      'BFD faster than anybody can be',
      {
        ...document,
        tunnels: [
          tunnel('wan1', { bfd: { desiredMinTxMs: 0, requiredMinRxMs: 50, detectMult: 3 } }),
        ],
      },
      'EPAYLOAD_SHAPE /tunnels/0/bfd/desiredMinTxMs',
    ],
    ['to be proved at once', { ...document, confirmWithinS: 4 }, 'EPAYLOAD_SHAPE /confirmWithinS'],
    [
      'to be on trial for longer than anybody waits',
      { ...document, confirmWithinS: 601 },
      'EPAYLOAD_SHAPE /confirmWithinS',
    ],
    [
      'a secret in the clear',
      {
        ...document,
        tunnels: [
          tunnel('wan1', {
            engine: 'ipsec',
            ipsec: { ...IPSEC, credential: { ...IPSEC.credential, secret: 'x' } as never },
          }),
        ],
      },
      'EPAYLOAD_SHAPE /tunnels/0/ipsec/credential/secret',
    ],
    [
      'a credential that names a path',
      {
        ...document,
        tunnels: [
          tunnel('wan1', {
            engine: 'ipsec',
            ipsec: { ...IPSEC, credential: { kind: 'psk', name: '../x' } },
          }),
        ],
      },
      'EPAYLOAD_SHAPE /tunnels/0/ipsec/credential/name',
    ],
  ])('is refused when a document is %s', (_what, payload, refusal) => {
    expect(refusalOf(arrives(topics.desired, payload))).toContain(refusal);
  });

  it('tells the revision of a refused document where it could be read', () => {
    expect(arrives(topics.desired, { ...document, revision: 7, x: 1 })).toMatchObject({
      about: 'desired',
      revision: 7,
    });
  });

  it.each<[string, object, string]>([
    ['an unknown verb', { ...command, verb: 'runShell', argv: ['id'] }, 'EUNKNOWN /verb'],
    [
      'a verb that is no text',
      { ...command, verb: ['switchActiveTunnel'] },
      'EPAYLOAD_SHAPE /verb',
    ],
    ['the id of another topic', { ...command, id: 'c-2' }, 'EPAYLOAD_SHAPE /id'],
    ['a target with a newline', { ...command, tunnel: 'a\nb' }, 'EPAYLOAD_SHAPE /tunnel'],
  ])('is refused with the id of its topic when a command has %s', (_what, payload, refusal) => {
    const intake = arrives(commandTopic, payload);
    expect(refusalOf(intake)).toBe(refusal);
    expect(intake).toMatchObject({ commandId: 'c-1', about: 'command' });
  });

  it('is refused on a topic nobody reads', () => {
    expect(refusalOf(arrives('sag/v1/acme/sag00001/what/ever', {}))).toBe('ETOPIC');
    expect(refusalOf(arrives('x', {}))).toBe('ETOPIC');
  });

  it.each(['', 'a b', '..\u0000', 'é', 'x'.repeat(64)])(
    'is refused without an id when the topic of a command names none: %j',
    (id) => {
      const intake = arrives(`sag/v1/acme/sag00001/cmd/${id}`, {});
      expect(refusalOf(intake)).toBe('ETOPIC');
      expect(intake).not.toHaveProperty('commandId');
    },
  );

  it('never throws, whatever the bytes', () => {
    const anyTopic = fc.constantFrom(topics.desired, commandTopic, topics.life, topics.reported);
    fc.assert(
      fc.property(anyTopic, fc.uint8Array({ maxLength: 200 }), (topic, payload) => {
        expect(
          readAccessEvent({ type: 'messageArrived', topic, payload, retained: false }),
        ).toBeDefined();
      }),
    );
    fc.assert(
      fc.property(anyTopic, fc.json(), (topic, text) => {
        expect(arrives(topic, bytes(text))).toBeDefined();
      }),
    );
  });

  it('passes everything else of the channel on as it is', () => {
    const event = { type: 'channelClosed', code: 'ETIMEOUT', text: 'x' } as const;
    expect(readAccessEvent(event)).toBe(event);
  });
});
