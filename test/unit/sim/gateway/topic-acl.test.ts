/** Which topics are a device's own. */
import { describe, expect, test } from 'vitest';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { filterMatches, isTopicName, TopicAcl } from '../../../../sim/live/gateway/topic-acl.ts';

const acl = new TopicAcl('acme');
const own = topicsOf('acme', 'sag-1');

describe('publishing', () => {
  test('a device says what is its to say, and each topic has one meaning', () => {
    expect(acl.publishable('sag-1', own.life)).toEqual({ kind: 'life' });
    expect(acl.publishable('sag-1', own.reported)).toEqual({ kind: 'reported' });
    expect(acl.publishable('sag-1', own.link('wan1'))).toEqual({ kind: 'link', uplink: 'wan1' });
    expect(acl.publishable('sag-1', own.event('DeviceOnline'))).toEqual({
      kind: 'event',
      name: 'DeviceOnline',
    });
    expect(acl.publishable('sag-1', own.telemetry('host'))).toEqual({
      kind: 'telemetry',
      class: 'host',
    });
    expect(acl.publishable('sag-1', own.commandStatus('c-1'))).toEqual({
      kind: 'commandStatus',
      commandId: 'c-1',
    });
  });

  test('what the gateway says, a device may not', () => {
    expect(acl.publishable('sag-1', own.desired)).toBeUndefined();
    expect(acl.publishable('sag-1', own.rebirth)).toBeUndefined();
    expect(acl.publishable('sag-1', own.commands.replace('+', 'c-1'))).toBeUndefined();
  });

  test('neighbours, other tenants and longer serial numbers are out of reach', () => {
    for (const topic of [
      topicsOf('acme', 'sag-2').life,
      topicsOf('acme', 'sag-11').life,
      topicsOf('other', 'sag-1').life,
      `${own.link('wan1')}/more`,
      own.link(''),
      own.link('a/b'),
      own.link('+'),
      `x${own.life}`,
      '$SYS/life',
    ]) {
      expect([topic, acl.publishable('sag-1', topic)]).toEqual([topic, undefined]);
    }
  });
});

describe('subscribing', () => {
  test('a device hears its desired document, its commands, the call for a rebirth and its own life', () => {
    const commands = [own.commands, own.commands.replace('+', 'c')];
    for (const filter of [own.life, own.desired, own.rebirth, ...commands]) {
      expect(acl.subscribable('sag-1', filter)).toBe(true);
    }
  });

  test('no other wildcard is granted', () => {
    for (const filter of [
      '#',
      '+/#',
      `${own.desired}/#`,
      own.reported,
      '$SYS/#',
      'sag/v1/+/sag-1/x',
    ]) {
      expect(acl.subscribable('sag-1', filter)).toBe(false);
    }
    expect(acl.subscribable('sag-1', topicsOf('acme', '+').commands)).toBe(false);
  });
});

test('a one-level wildcard matches one level and no more', () => {
  expect(filterMatches('a/+/c', 'a/b/c')).toBe(true);
  expect(filterMatches('a/+', 'a/b/c')).toBe(false);
  expect(filterMatches('a/b', 'a/b')).toBe(true);
  expect(filterMatches('a/b', 'a/c')).toBe(false);
});

test('wildcards, NUL and broken UTF-8 make no topic name', () => {
  for (const topic of ['', 'a/+', 'a/#', 'a\u0000', 'a\uFFFD'])
    expect(isTopicName(topic)).toBe(false);
  expect(isTopicName('a/b')).toBe(true);
});
