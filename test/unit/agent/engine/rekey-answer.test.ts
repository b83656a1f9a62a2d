import { expect, it } from 'vitest';
import { rekeyTunnel } from '../../../../agent/adapters/engine/engine-effects.ts';
import { rekeyObjection } from '../../../../agent/engine/rekey-answer.ts';
import { EngineRefused } from '../../../../agent/engine-port.ts';

it.each([
  [undefined, 'EREKEY_UNKNOWN', 'there is no tunnel t1'],
  ['down', 'EREKEY_UNUSED', 't1 is down: it gets other keys the moment its ends agree again'],
  ['establishing', 'EREKEY_UNUSED', expect.stringContaining('t1 is establishing')],
  ['absent', 'EREKEY_UNUSED', expect.stringContaining('t1 is absent')],
] as const)('a tunnel that is %s has no keys to renew', (state, code, because) => {
  expect(rekeyObjection('t1', state)).toEqual({ ok: false, code, because });
});

it('says that other keys are in use, or with what words the engine refuses', async () => {
  const well = { rekeyNow: async () => undefined };
  const because = 't1 has other session keys';
  expect(await rekeyTunnel(well, 't1', 'up')).toEqual({ ok: true, because });
  const code = 'EENGINE_UNKNOWN';
  const ill = {
    rekeyNow: async (): Promise<void> => {
      throw new EngineRefused(code, 't1 was never ensured');
    },
  };
  const refusal = { ok: false, code, because: `${code}: t1 was never ensured` };
  expect(await rekeyTunnel(ill, 't1', 'up')).toEqual(refusal);
});
