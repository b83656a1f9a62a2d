/** What the store held, read with suspicion. */
import { describe, expect, it } from 'vitest';
import { hashed } from '../../../../agent/contract/document-hash.ts';
import { readRestored } from '../../../../agent/contract/restored.ts';
import type { StoredRecord } from '../../../../agent/ports.ts';
import { desired } from '../../../kit/branch.ts';

const event = {
  id: 'boot-0-1',
  bootId: 'boot-0',
  seq: 1,
  name: 'DeviceOnline',
  atMs: 1,
  wallMs: 2,
  content: { gateway: 'gwa' },
};

function restore(shelves: Record<string, readonly StoredRecord[]>) {
  return readRestored((shelf) => shelves[shelf] ?? []);
}
const record = (key: string, value: unknown): StoredRecord => ({
  key,
  value: typeof value === 'string' ? value : JSON.stringify(value),
});

describe('the restored state', () => {
  it('is empty on a device that has never run', () => {
    expect(restore({})).toEqual({
      type: 'storeRestored',
      bdSeq: undefined,
      desired: undefined,
      events: [],
      commands: [],
      flaps: [],
      refused: [],
    });
  });

  it('is what was kept', () => {
    const command = { id: 'c-1', state: 'Succeed', errorCode: '200', errorMessage: 'Successful' };
    const { hash } = hashed(desired({ revision: 2 }));
    const trial = { v: 1, state: 'trial', revision: 2, hash, interruptions: 0 };
    const choice = { v: 1, accessPoint: 'gwb' };
    const logLevel = { v: 1, level: 'debug', untilMs: 2, endsMs: 1 };
    const haRole = { v: 1, role: 'standby' };
    const restored = restore({
      access: [record('bdSeq', '7'), record('choice', choice)],
      'log-level': [record('held', logLevel)],
      'ha-role': [record('told', haRole)],
      desired: [record('document', desired()), record('trial', trial)],
      outbox: [record('boot-0-1', event)],
      commands: [record('c-1', command)],
    });
    expect(restored).toMatchObject({ choice, logLevel, haRole });
    expect(restored).toMatchObject({ bdSeq: 7, events: [event], commands: [command], refused: [] });
    expect(restored.desired).toEqual(hashed(desired()));
    expect(restored.trial).toEqual(trial);
  });

  it('leaves behind what cannot be read, and says of which shelf it was', () => {
    const restored = restore({
      access: [record('bdSeq', '999')],
      desired: [record('document', '{"half":')],
      outbox: [record('a', event), record('b', { ...event, name: 'Nonsense' })],
    });
    expect(restored).toMatchObject({ bdSeq: undefined, desired: undefined, events: [event] });
    expect(restored.refused.map(({ shelf }) => shelf).toSorted()).toEqual([
      'access',
      'desired',
      'outbox',
    ]);
  });
});
