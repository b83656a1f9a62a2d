import { describe, expect, test } from 'vitest';
import { COMMANDS_MAX, PendingCommands } from '../../../../firmware-shim/line/pending-commands.ts';
import type { BoardCommand } from '../../../../firmware-shim/wire/messages.ts';

const LED: BoardCommand = { kind: 'ledSet', led: 'CLOUD', mode: 'on' };
const RESET: BoardCommand = { kind: 'boardReset' };
const done = (id: number) => ({ type: 'boardCommandDone', id, ok: true });
const failed = (id: number, code: string) => ({ type: 'boardCommandDone', id, ok: false, code });

function pending(...commands: readonly BoardCommand[]): PendingCommands {
  const all = new PendingCommands();
  commands.forEach((command, at) => all.add(at + 1, command));
  return all;
}

test('sixteen commands are as many as may wait', () => {
  const all = pending();
  for (let id = 1; id < COMMANDS_MAX; id += 1) all.add(id, LED);
  expect([all.size, all.full]).toEqual([15, false]);
  all.add(COMMANDS_MAX, LED);
  expect([all.size, all.full]).toEqual([16, true]);
});

describe('an answer', () => {
  test('ends its command once, by what it says', () => {
    const all = pending(LED, LED, LED);
    expect(all.answered(1, 'done')).toEqual(done(1));
    expect(all.answered(2, 'unsupported')).toEqual(failed(2, 'EMCU_UNSUPPORTED'));
    expect(all.answered(3, 'refused')).toEqual(failed(3, 'EMCU_REFUSED'));
    expect([all.answered(3, 'done'), all.size]).toEqual([undefined, 0]);
  });

  test('with what was asked for hands that on, and is for nobody a second time', () => {
    const reply = { kind: 'update', status: 'ready', offset: 9 } as const;
    const all = pending(LED);
    expect(all.replied(1, reply)).toEqual({ ...done(1), reply });
    expect(all.replied(1, reply)).toBeUndefined();
  });
});

describe('a command the board took', () => {
  test('is the oldest that was not taken yet, and gives up three seconds later', () => {
    const all = pending(LED, LED);
    expect(all.answerByMs).toBeUndefined();
    all.acknowledged(100);
    all.acknowledged(500);
    expect(all.answerByMs).toBe(3_100);
    expect(all.expire(3_099)).toEqual([]);
    expect(all.expire(3_100)).toEqual([failed(1, 'EMCU_TIMEOUT')]);
    expect(all.answerByMs).toBe(3_500);
    expect(all.expire(9_999)).toEqual([failed(2, 'EMCU_TIMEOUT')]);
    expect(all.size).toBe(0);
  });

  test('is given the time for which we slept; one it did not take waits for ever', () => {
    const all = pending(LED, LED);
    all.acknowledged(100);
    all.postpone(50);
    expect(all.answerByMs).toBe(3_150);
    expect(all.expire(1_000_000)).toEqual([failed(1, 'EMCU_TIMEOUT')]);
    expect([all.size, all.answerByMs]).toEqual([1, undefined]);
  });
});

describe('when the board is lost or born again', () => {
  test('every command ends with that code, in its order, and once', () => {
    const all = pending(LED, RESET);
    expect(all.endAll('EMCU_LOST')).toEqual([failed(1, 'EMCU_LOST'), failed(2, 'EMCU_LOST')]);
    expect(all.endAll('EMCU_LOST')).toEqual([]);
  });

  test('a reset that the board took has come about by its new life, and by nothing else', () => {
    const taken = (code: 'EMCU_REBOOT' | 'EMCU_LOST', command: BoardCommand) => {
      const all = pending(command);
      all.acknowledged(0);
      return all.endAll(code);
    };
    expect(taken('EMCU_REBOOT', RESET)).toEqual([done(1)]);
    expect(taken('EMCU_LOST', RESET)).toEqual([failed(1, 'EMCU_LOST')]);
    expect(taken('EMCU_REBOOT', LED)).toEqual([failed(1, 'EMCU_REBOOT')]);
    expect(pending(RESET).endAll('EMCU_REBOOT')).toEqual([failed(1, 'EMCU_REBOOT')]);
  });
});
