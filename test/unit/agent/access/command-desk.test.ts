/** Commands: refused with a reason, or carried out at most once. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CommandDesk,
  type CommandEffect,
  type CommandEvent,
} from '../../../../agent/access/command-desk.ts';
import type { CommandProof } from '../../../../agent/access/intake.ts';
import type { Command, CommandStatus } from '../../../../agent/access/payloads.ts';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { advance } from '../../../kit/advance.ts';
import { decode } from '../../../kit/branch.ts';

const command: Command = {
  v: 1,
  id: 'c-1',
  verb: 'switchActiveTunnel',
  tunnel: 'wan2-gwa',
  expiresAtMs: 10_000,
  nonce: 'n-1',
};

describe('the command desk', () => {
  let desk: CommandDesk;
  let effects: CommandEffect[];
  beforeEach(() => {
    desk = new CommandDesk(topicsOf('acme', 'sag00001'));
    effects = [];
    hear({ type: 'publishingOpened' });
  });

  function hear(event: CommandEvent): void {
    effects.push(...desk.handle(event, 0));
  }
  const arrives = (
    change: Partial<typeof command> = {},
    retained = false,
    wallMs = 5_000,
    proof: CommandProof = 'valid',
  ) =>
    hear({
      type: 'commandReceived',
      command: { ...command, nonce: `n-${change.id ?? command.id}`, ...change },
      proof,
      retained,
      wallMs,
    });
  const stored = (ok = true, wallMs = 5_000) =>
    hear({ type: 'storeAnswered', key: 'c-1', ok, wallMs });
  const switches = () => effects.filter(({ type }) => type === 'requestAction').length;
  const statuses = (): readonly CommandStatus[] =>
    effects.flatMap((effect) =>
      effect.type === 'publish' ? [decode(effect.message.payload) as CommandStatus] : [],
    );
  const lastStatus = (): CommandStatus | undefined => statuses().at(-1);

  it('keeps the id before it does anything, and ends as Succeed', () => {
    arrives();
    expect(switches()).toBe(0);
    stored();
    expect(switches()).toBe(1);
    expect(lastStatus()?.state).toBe('Processing');
    hear({ type: 'actionAnswered', requestId: 'c-1', ok: true, because: 'as asked' });
    expect(lastStatus()).toEqual({
      v: 1,
      id: 'c-1',
      state: 'Succeed',
      errorCode: '200',
      errorMessage: 'Successful',
    });
  });

  it('answers the same id again without doing it again', () => {
    arrives();
    stored();
    hear({ type: 'actionAnswered', requestId: 'c-1', ok: true, because: 'as asked' });
    arrives();
    stored();
    expect(switches()).toBe(1);
    expect(lastStatus()?.state).toBe('Succeed');
  });

  it('remembers over a restart what it has done', () => {
    const kept = { id: 'c-1', state: 'Succeed', errorCode: '200', errorMessage: '' } as const;
    hear({ type: 'restored', commands: [kept] });
    arrives();
    stored();
    expect(switches()).toBe(0);
    expect(lastStatus()?.state).toBe('Succeed');
  });

  it('does not try again what a restart interrupted', () => {
    const kept = { id: 'c-1', state: 'Processing', errorCode: '200', errorMessage: '' } as const;
    hear({ type: 'restored', commands: [kept] });
    expect(lastStatus()).toMatchObject({ state: 'HardwareError', errorCode: 'EINTERRUPTED' });
    arrives();
    stored();
    expect(switches()).toBe(0);
  });

  it('refuses a retained command', () => {
    arrives({}, true);
    stored();
    expect(switches()).toBe(0);
    expect(lastStatus()).toMatchObject({ state: 'OfflineNotConfiged', errorCode: 'ERETAINED' });
  });

  it('refuses a command past its time, also when the time passes while the id is kept', () => {
    arrives({}, false, 10_001);
    expect(lastStatus()?.errorCode).toBe('EEXPIRED');
    arrives({ id: 'c-2' }, false, 9_999);
    hear({ type: 'storeAnswered', key: 'c-2', ok: true, wallMs: 10_001 });
    expect(lastStatus()).toMatchObject({ id: 'c-2', errorCode: 'EEXPIRED' });
    expect(switches()).toBe(0);
  });

  it('refuses when the id cannot be kept', () => {
    arrives();
    stored(false);
    expect(switches()).toBe(0);
    expect(lastStatus()).toMatchObject({ state: 'HardwareError', errorCode: 'ESTORAGE' });
  });

  it('says that it knows no such verb', () => {
    const sentence = 'this device knows no such verb';
    hear({ type: 'commandUnreadable', id: 'c-9', code: 'EUNKNOWN', sentence, retained: false });
    expect(lastStatus()).toMatchObject({ state: 'VersionNotSupport', errorCode: 'EUNKNOWN' });
  });

  it('forgets nothing that was commanded for what nobody vouches for', () => {
    arrives();
    stored();
    for (let count = 0; count < 600; count += 1) {
      const id = `junk-${count}`;
      hear({ type: 'commandUnreadable', id, code: 'EUNKNOWN', sentence: '', retained: false });
      arrives({ id: `forged-${count}` }, false, 5_000, 'forged');
    }
    expect(effects.filter(({ type }) => type === 'storeRemove')).toEqual([]);
    arrives();
    stored();
    expect(switches()).toBe(1);
  });

  it('passes on why the fast path would not', () => {
    arrives();
    stored();
    const because = 'tunnel wan2-gwa is down';
    hear({ type: 'actionAnswered', requestId: 'c-1', ok: false, code: 'EDOWN', because });
    expect(lastStatus()).toMatchObject({ errorCode: 'EDOWN', errorMessage: because });
  });

  it('gives the fast path ten seconds', () => {
    arrives();
    stored();
    for (const { effect } of advance(desk, 0, 60_000)) effects.push(effect);
    expect(lastStatus()).toMatchObject({ state: 'HardwareError', errorCode: 'ETIMEOUT' });
    hear({ type: 'actionAnswered', requestId: 'c-1', ok: true, because: 'late' });
    expect(lastStatus()?.state).toBe('HardwareError');
  });

  it('tells after a reconnection what the gateway has not acknowledged', () => {
    arrives();
    stored();
    hear({ type: 'publishingClosed' });
    hear({ type: 'actionAnswered', requestId: 'c-1', ok: true, because: 'as asked' });
    const before = statuses().length;
    hear({ type: 'publishingOpened' });
    expect(statuses().length).toBe(before + 1);
    expect(lastStatus()?.state).toBe('Succeed');
  });

  it('remembers a bounded number of ids', () => {
    for (let count = 0; count < 300; count += 1) arrives({ id: `many-${count}` });
    const removed = effects.flatMap((effect) =>
      effect.type === 'storeRemove' ? [...effect.keys] : [],
    );
    expect(removed).toHaveLength(300 - 256);
    expect(removed[0]).toBe('many-0');
  });
});
