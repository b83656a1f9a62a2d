/** What the command desk says, to the last member: cloud and operators read it. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CommandDesk,
  type CommandEffect,
  type CommandEvent,
} from '../../../../agent/access/command-desk.ts';
import { UNPROVED } from '../../../../agent/access/command-rules.ts';
import type { Command } from '../../../../agent/access/payloads.ts';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { advance } from '../../../kit/advance.ts';
import { decode } from '../../../kit/branch.ts';

const blink = (id: string, expiresAtMs = 10_000): Command => ({
  v: 1,
  id,
  verb: 'blink',
  durationS: 5,
  expiresAtMs,
  nonce: `n-${id}`,
});

const diagnosis = (id: string): Command => ({
  v: 1,
  id,
  verb: 'startDiagnosis',
  expiresAtMs: 10_000,
  nonce: `n-${id}`,
});

describe('the command desk', () => {
  let desk: CommandDesk;
  let effects: CommandEffect[];
  beforeEach(() => {
    desk = new CommandDesk(topicsOf('acme', 'sag00001'), 'boot-1');
    effects = [];
  });

  const hear = (event: CommandEvent, nowMs = 0): void => {
    effects.push(...desk.handle(event, nowMs));
  };
  const arrives = (command: Command, wallMs = 5_000): void =>
    hear({ type: 'commandReceived', command, proof: 'valid', retained: false, wallMs });
  const stored = (key: string, nowMs = 0, wallMs = 5_000): void =>
    hear({ type: 'storeAnswered', key, ok: true, wallMs }, nowMs);
  const answered = (requestId: string, more: { ok: boolean; code?: string; fault?: 'hardware' }) =>
    hear({ type: 'actionAnswered', requestId, because: 'so it is', ...more });
  const published = () =>
    effects.flatMap((effect) => (effect.type === 'publish' ? [effect.message] : []));
  const statuses = () => published().map(({ payload }) => decode(payload));
  const notes = () => effects.flatMap((each) => (each.type === 'noted' ? [each.note] : []));

  it('publishes on the topic of the command, acknowledged and not retained, each under its own number', () => {
    hear({ type: 'publishingOpened' });
    arrives(blink('c-1'));
    stored('c-1');
    answered('c-1', { ok: true });
    expect(published()).toMatchObject([
      { topic: 'sag/v1/acme/sag00001/cmd/c-1/status', qos: 1, retain: false },
      { topic: 'sag/v1/acme/sag00001/cmd/c-1/status', qos: 1, retain: false },
    ]);
    const [one, two] = published().map(({ publishId }) => publishId);
    expect(two).toBeGreaterThan(one ?? Infinity);
  });

  it('keeps the state on its shelf before and after, and notes what became of it', () => {
    arrives(blink('c-1'));
    stored('c-1');
    answered('c-1', { ok: true });
    const puts = effects.filter((each) => each.type === 'storePut');
    expect(puts.map(({ shelf, key }) => [shelf, key])).toEqual([
      ['commands', 'c-1'],
      ['commands', 'c-1'],
    ]);
    expect(puts.map(({ value }) => JSON.parse(value).state)).toEqual(['Initialized', 'Succeed']);
    expect(notes()).toEqual([
      {
        code: 'commandAnswered',
        level: 'notice',
        id: 'c-1',
        verb: 'blink',
        state: 'Succeed',
        errorCode: '200',
        because: 'so it is',
      },
    ]);
  });

  it.each([
    [{ ok: false }, 'BuildRequestError', 'EREFUSED'],
    [{ ok: false, code: 'ETUNNEL' }, 'BuildRequestError', 'ETUNNEL'],
    [{ ok: false, code: 'EBOARD', fault: 'hardware' }, 'HardwareError', 'EBOARD'],
  ] as const)('tells of an act that answers %o as %s with %s', (answer, state, errorCode) => {
    hear({ type: 'publishingOpened' });
    arrives(blink('c-1'));
    stored('c-1');
    answered('c-1', answer);
    expect(statuses().at(-1)).toEqual({
      v: 1,
      id: 'c-1',
      state,
      errorCode,
      errorMessage: 'so it is',
    });
  });

  it('waits ten seconds for the answer to a blink, and says that nobody gave it', () => {
    hear({ type: 'publishingOpened' });
    arrives(blink('c-1'));
    expect(desk.deadline()).toBeUndefined();
    stored('c-1', 100);
    expect(desk.deadline()).toEqual({ atMs: 10_100, why: 'commandAnswer' });
    effects.push(...advance(desk, 100, 20_000).map(({ effect }) => effect));
    expect(statuses().at(-1)).toMatchObject({
      state: 'HardwareError',
      errorCode: 'ETIMEOUT',
      errorMessage: 'nobody answered in time',
    });
    expect(desk.deadline()).toBeUndefined();
    answered('c-1', { ok: true });
    expect(statuses().at(-1)).toMatchObject({ state: 'HardwareError' });
  });

  it('wakes up for the first answer that is due, of several', () => {
    arrives(blink('c-1'));
    arrives(diagnosis('c-2'));
    stored('c-2', 0);
    stored('c-1', 50);
    expect(desk.deadline()?.atMs).toBe(10_050);
  });

  it('lets one diagnosis in six seconds through', () => {
    hear({ type: 'publishingOpened' });
    for (const [id, atMs] of [
      ['c-1', 1_000],
      ['c-2', 6_999],
      ['c-3', 7_000],
    ] as const) {
      arrives(diagnosis(id));
      stored(id, atMs);
    }
    const asked = effects.flatMap((each) =>
      each.type === 'requestAction' ? [each.command.id] : [],
    );
    expect(asked).toEqual(['c-1', 'c-3']);
    expect(statuses()).toContainEqual({
      v: 1,
      id: 'c-2',
      state: 'BuildRequestError',
      errorCode: 'ETOO_OFTEN',
      errorMessage: 'startDiagnosis was asked for just now',
    });
  });

  it('takes a command that ends five minutes from now, and none that ends later', () => {
    hear({ type: 'publishingOpened' });
    arrives(blink('c-1', 305_000));
    arrives(blink('c-2', 305_001));
    stored('c-1');
    expect(statuses()).toMatchObject([
      {
        id: 'c-2',
        errorCode: 'ETOO_LONG',
        errorMessage: 'a command is good for five minutes at most',
      },
      { id: 'c-1', state: 'Processing', errorCode: '200', errorMessage: 'Successful' },
    ]);
  });

  it('takes a command in its last moment', () => {
    hear({ type: 'publishingOpened' });
    arrives(blink('c-1', 5_000));
    stored('c-1', 0, 5_000);
    expect(statuses()).toMatchObject([{ id: 'c-1', state: 'Processing' }]);
  });

  it.each(['absent', 'forged', 'unpinned'] as const)(
    'refuses a command whose proof is %s, in words, and keeps nothing of it',
    (proof) => {
      hear({ type: 'publishingOpened' });
      hear({
        type: 'commandReceived',
        command: blink('c-1'),
        proof,
        retained: false,
        wallMs: 5_000,
      });
      const { code, because } = UNPROVED[proof];
      expect(statuses()).toEqual([
        { v: 1, id: 'c-1', state: 'BuildRequestError', errorCode: code, errorMessage: because },
      ]);
      expect(notes()).toEqual([
        {
          code: 'commandAnswered',
          level: 'notice',
          id: 'c-1',
          verb: '',
          state: 'BuildRequestError',
          errorCode: code,
          because,
        },
      ]);
      expect(effects.filter(({ type }) => type === 'storePut')).toEqual([]);
    },
  );

  it('says nothing while it may not publish, and then what became of each', () => {
    arrives(blink('c-1'));
    stored('c-1');
    answered('c-1', { ok: true });
    expect(published()).toEqual([]);
    hear({ type: 'publishingOpened' });
    expect(statuses()).toMatchObject([{ id: 'c-1', state: 'Succeed' }]);
  });

  it('tells again what was not acknowledged, and not what was', () => {
    hear({ type: 'publishingOpened' });
    for (const id of ['c-1', 'c-2']) {
      arrives(blink(id));
      stored(id);
      answered(id, { ok: true });
    }
    const last = published().at(-1);
    hear({ type: 'publishAcknowledged', publishId: last?.publishId ?? -1 });
    hear({ type: 'publishingClosed' });
    // Numbers of a connection that is over mean nothing.
    hear({ type: 'publishAcknowledged', publishId: published().at(-2)?.publishId ?? -1 });
    effects = [];
    hear({ type: 'publishingOpened' });
    expect(statuses()).toMatchObject([{ id: 'c-1', state: 'Succeed' }]);
  });

  it('knows a reboot by the start of the machine, and waits a minute for one that has not come', () => {
    const kept = { id: 'c-1', state: 'Processing', errorCode: '200', errorMessage: '' } as const;
    hear({ type: 'publishingOpened' });
    hear({ type: 'restored', commands: [{ ...kept, machineBoot: 'boot-0' }] });
    expect(notes()).toMatchObject([
      { state: 'Succeed', errorCode: '200', because: 'the machine has started anew' },
    ]);
    hear({ type: 'restored', commands: [{ ...kept, id: 'c-2', machineBoot: 'boot-1' }] }, 500);
    expect(desk.deadline()).toEqual({ atMs: 60_500, why: 'commandAnswer' });
    hear({ type: 'restored', commands: [{ ...kept, id: 'c-3', state: 'Initialized' }] });
    expect(statuses().at(-1)).toMatchObject({
      id: 'c-3',
      state: 'HardwareError',
      errorMessage: 'the agent restarted meanwhile',
    });
  });

  it('takes nothing that ends before the floor it was restored with', () => {
    hear({ type: 'publishingOpened' });
    hear({ type: 'restored', commands: [], floorMs: 20_000 });
    arrives(blink('c-1', 19_999));
    expect(statuses()).toMatchObject([{ id: 'c-1', state: 'BuildRequestError' }]);
  });

  it('answers an unknown verb as one this version has not, and what cannot be read as a wrong request', () => {
    hear({ type: 'publishingOpened' });
    const unreadable = { type: 'commandUnreadable', sentence: 'no', retained: false } as const;
    hear({ ...unreadable, id: 'c-1', code: 'EUNKNOWN' });
    hear({ ...unreadable, id: 'c-2', code: 'ESCHEMA' });
    hear({ ...unreadable, id: 'c-3', code: 'ESCHEMA', retained: true });
    expect(statuses()).toMatchObject([
      { id: 'c-1', state: 'VersionNotSupport', errorCode: 'EUNKNOWN', errorMessage: 'no' },
      { id: 'c-2', state: 'BuildRequestError' },
      { id: 'c-3', state: 'OfflineNotConfiged' },
    ]);
    arrives(blink('c-4'));
    hear({ ...unreadable, id: 'c-4', code: 'ESCHEMA' });
    expect(statuses()).toHaveLength(3);
  });
});
