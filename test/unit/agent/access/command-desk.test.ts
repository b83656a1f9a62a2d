/** Commands: refused with a reason, or carried out at most once. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CommandDesk,
  type CommandEffect,
  type CommandEvent,
} from '../../../../agent/access/command-desk.ts';
import type { RestoredCommand } from '../../../../agent/access/command-memory.ts';
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
    desk = new CommandDesk(topicsOf('acme', 'sag00001'), 'boot-1');
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

  const tell = () => effects.map((effect) => effect.type);
  /** So many commands, each carried out; the first ends at `from`, the others a millisecond later each. */
  const many = (count: number, from: number, wallMs: number) => {
    for (let index = 0; index < count; index += 1) {
      arrives({ id: `many-${from + index}`, expiresAtMs: from + index }, false, wallMs);
    }
  };

  it('takes no more than 256 commands that could still be repeated', () => {
    many(256, 10_000, 5_000);
    arrives({ id: 'one-more', expiresAtMs: 20_000 });
    expect(lastStatus()).toMatchObject({ id: 'one-more', errorCode: 'ETOO_MANY' });
    expect(tell()).not.toContain('storeRemove');
  });

  it('forgets the oldest that have expired, and keeps first until when it has forgotten', () => {
    many(256, 10_000, 5_000);
    effects = [];
    arrives({ id: 'next', expiresAtMs: 20_000 }, false, 10_001);
    expect(effects.slice(0, 2)).toEqual([
      { type: 'storePut', shelf: 'commands', key: '.floor', value: '10000' },
      { type: 'storeRemove', shelf: 'commands', keys: ['many-10000'] },
    ]);
  });

  it('refuses a repetition of what it has forgotten, whatever the clock says, also after a restart', () => {
    many(257, 10_000, 10_256);
    const replay = () => arrives({ id: 'many-10000', expiresAtMs: 10_000 }, false, 9_000);
    replay();
    expect(lastStatus()).toMatchObject({ id: 'many-10000', errorCode: 'EREPLAYED' });
    desk = new CommandDesk(topicsOf('acme', 'sag00001'), 'boot-1');
    hear({ type: 'publishingOpened' });
    hear({ type: 'restored', commands: [], floorMs: 10_000 });
    replay();
    expect(lastStatus()).toMatchObject({ id: 'many-10000', errorCode: 'EREPLAYED' });
    arrives({ id: 'later', expiresAtMs: 10_001 }, false, 9_000);
    expect(effects.at(-1)).toMatchObject({ type: 'storePut', key: 'later' });
  });

  it('remembers a bounded number of commands that came late or retained, too', () => {
    for (let at = 10_000; at < 10_600; at += 1) {
      arrives({ id: `late-${at}`, expiresAtMs: at }, at % 2 === 0, at + 1_000);
    }
    const kept = effects.flatMap((effect) =>
      effect.type === 'storeRemove' ? [...effect.keys] : [],
    );
    expect(kept).toHaveLength(600 - 256);
  });
});

describe('a reboot', () => {
  const reboot: Command = { v: 1, id: 'c-1', verb: 'reboot', expiresAtMs: 10_000, nonce: 'n-1' };
  let effects: CommandEffect[];
  const deskAfter = (machineBoot: string, kept?: string): CommandDesk => {
    const desk = new CommandDesk(topicsOf('acme', 'sag00001'), machineBoot);
    effects = [...desk.handle({ type: 'publishingOpened' }, 0)];
    if (kept !== undefined) {
      const commands = [JSON.parse(kept) as RestoredCommand];
      effects.push(...desk.handle({ type: 'restored', commands }, 0));
    }
    return desk;
  };
  const told = () =>
    effects.flatMap((effect) =>
      effect.type === 'publish' ? [decode(effect.message.payload) as CommandStatus] : [],
    );

  /** As far as the machine is asked to start anew; answers with what is on the disk then. */
  function asked(): string {
    const desk = deskAfter('boot-1');
    const given = { command: reboot, proof: 'valid', retained: false, wallMs: 5_000 } as const;
    effects.push(...desk.handle({ type: 'commandReceived', ...given }, 0));
    const stored = { type: 'storeAnswered', key: 'c-1', ok: true, wallMs: 5_000 } as const;
    effects.push(...desk.handle(stored, 0));
    expect(effects.at(-1)).toEqual({ type: 'requestAction', command: reboot });
    const put = effects.find((effect) => effect.type === 'storePut');
    return put?.type === 'storePut' ? put.value : '';
  }

  it('has succeeded when the next run finds that the machine has started anew, and is not repeated', () => {
    const kept = asked();
    const desk = deskAfter('boot-2', kept);
    expect(told().at(-1)).toMatchObject({ id: 'c-1', state: 'Succeed' });
    const again = { command: reboot, proof: 'valid', retained: false, wallMs: 5_000 } as const;
    effects.push(...desk.handle({ type: 'commandReceived', ...again }, 0));
    expect(effects.map(({ type }) => type)).not.toContain('requestAction');
  });

  it('is not repeated by a run on the same machine that still stands, and has failed when that goes on', () => {
    const kept = asked();
    const desk = deskAfter('boot-1', kept);
    expect(effects).toEqual([]);
    const late = advance(desk, 0, 120_000).map(({ effect }) => effect);
    expect(late.map(({ type }) => type)).not.toContain('requestAction');
    effects.push(...late);
    expect(told().at(-1)).toMatchObject({ state: 'HardwareError', errorCode: 'ETIMEOUT' });
  });
});
