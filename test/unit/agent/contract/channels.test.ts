/** The contract is one: topics, schemas, examples and the published document say the same. */
import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { EXAMPLES } from '../../../../agent/contract/channel-examples.ts';
import { CHANNELS, type Channel, channelOf } from '../../../../agent/contract/channels.ts';
import { asyncApiOf } from '../../../../tools/contract/asyncapi-document.ts';
import { asyncApiFindings } from '../../../../tools/contract/asyncapi-findings.ts';

const channels = Object.entries<Channel>(CHANNELS);
const messages = channels.flatMap(([, channel]) => Object.entries(channel.messages));

describe('the contract', () => {
  it('has a channel for every topic of a device, and no other', () => {
    const topics = Object.values(topicsOf('acme', 'sag-1')).map((topic: unknown) =>
      typeof topic === 'function' ? String(topic('word')) : String(topic),
    );
    const found = topics.map((topic) => channelOf(topic));
    expect(found).not.toContain(undefined);
    expect(new Set(found)).toEqual(new Set(channels.map(([name]) => name)));
  });

  it('tells topics apart level by level', () => {
    expect(channelOf('sag/v1/acme/sag-1/cmd/c-7')).toBe('command');
    expect(channelOf('sag/v1/acme/sag-1/cmd/c-7/status')).toBe('commandStatus');
    expect(channelOf('sag/v1/acme/sag-1/cmd/c-7/status/more')).toBeUndefined();
    expect(channelOf('sag/v1/acme/sag-1')).toBeUndefined();
  });

  it('retains state and nothing else', () => {
    const retained = channels.filter(([, { retained }]) => retained).map(([name]) => name);
    expect(retained).toEqual(['life', 'desired', 'reported', 'routes', 'diagnosis', 'link']);
  });

  it.each(messages)('has a valid example of %s', (name, schema) => {
    const example = EXAMPLES[name];
    expect([...Value.Errors(schema, example)]).toEqual([]);
  });

  it('reads what the gateway sends strictly and what the device sends openly', () => {
    for (const [, { from, messages }] of channels) {
      for (const [name, schema] of Object.entries(messages)) {
        if (name === 'rebirth') continue;
        const more = { ...EXAMPLES[name], more: 1 };
        expect({ name, isRead: Value.Check(schema, more) }).toEqual({
          name,
          isRead: from === 'device',
        });
      }
    }
  });

  it('is a valid AsyncAPI document, and a document with a mistake is not', () => {
    const document = asyncApiOf();
    expect(asyncApiFindings(document)).toEqual([]);
    expect(asyncApiFindings({ ...document, asyncapi: '2.0.0' })).not.toEqual([]);
    expect(
      asyncApiFindings({ ...document, operations: { send: { action: 'shout' } } }),
    ).not.toEqual([]);
    expect(asyncApiFindings({ ...document, components: {} })).toContain(
      'AsyncAPI: #/components/messages/birth points to nothing',
    );
    const wrong = structuredClone(document) as {
      components: { messages: { birth: { examples: { payload: object }[] } } };
    };
    wrong.components.messages.birth.examples[0] = { payload: { v: 2 } };
    expect(asyncApiFindings(wrong).join()).toContain('example of birth');
  });
});
