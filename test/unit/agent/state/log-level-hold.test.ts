/** The log level of a document ends by itself, and no restart and no clock makes it last. */
import { beforeEach, describe, expect, it } from 'vitest';
import { LOG_LEVEL_S_MAX, type LogLevelRecord } from '../../../../agent/model/log-level.ts';
import { type LogLevelEffect, LogLevelHold } from '../../../../agent/state/log-level-hold.ts';

const MAX_MS = LOG_LEVEL_S_MAX * 1_000;
const NOW_MS = 1_700_000_000_000;

describe('the log level of a document', () => {
  let hold: LogLevelHold;
  beforeEach(() => {
    hold = new LogLevelHold();
  });
  const held = (effects: readonly LogLevelEffect[]) =>
    effects.flatMap((effect) =>
      effect.type === 'holdLogLevel' ? [[effect.level, effect.forMs]] : [],
    );
  const kept = (effects: readonly LogLevelEffect[]): LogLevelRecord =>
    effects
      .flatMap((effect) => (effect.type === 'storePut' ? [JSON.parse(effect.value)] : []))
      .at(-1) as LogLevelRecord;
  const debug = (inMs: number) => ({ level: 'debug', untilMs: NOW_MS + inMs }) as const;

  it('is held for the time that is left, and once', () => {
    expect(held(hold.desired(debug(5_000), NOW_MS))).toEqual([['debug', 5_000]]);
    expect(hold.desired(debug(5_000), NOW_MS + 1_000)).toEqual([]);
  });

  it('is held for no longer than the bound, also after restarts and with a clock set back', () => {
    const asked = debug(10 * MAX_MS);
    const first = hold.desired(asked, NOW_MS);
    expect(held(first)).toEqual([['debug', MAX_MS]]);
    const restart = (wallMs: number) => {
      const next = new LogLevelHold();
      next.restored(kept(first));
      return held(next.desired(asked, wallMs));
    };
    expect(restart(NOW_MS + 1_000)).toEqual([['debug', MAX_MS - 1_000]]);
    expect(restart(NOW_MS + MAX_MS)).toEqual([]);
    expect(restart(0)).toEqual([['debug', MAX_MS]]);
  });

  it('ends at once with the next document that does not want it', () => {
    hold.desired(debug(5_000), NOW_MS);
    const effects = hold.desired(undefined, NOW_MS + 1_000);
    expect(held(effects)).toEqual([['debug', 0]]);
    expect(effects).toContainEqual({ type: 'storeRemove', shelf: 'log-level', keys: ['held'] });
    expect(hold.desired(undefined, NOW_MS + 2_000)).toEqual([]);
  });

  it('is nothing when its time is over', () => {
    expect(held(hold.desired(debug(-1), NOW_MS))).toEqual([]);
  });
});
