/** What is different from verb to verb of a command. */
import { describe, expect, it } from 'vitest';
import { ANSWER_MS, GAP_MS, SURVIVES_OFFLINE } from '../../../../agent/access/command-rules.ts';

describe('the rules of commands', () => {
  it('give each verb the time its work takes', () => {
    expect(ANSWER_MS).toMatchObject({
      switchActiveTunnel: 10_000,
      probeAccessPoints: 10_000,
      switchAccessPoint: 30_000,
      startDiagnosis: 30_000,
      rekeyTunnel: 10_000,
      unlock: 10_000,
      blink: 10_000,
      setLogLevel: 10_000,
      reboot: 60_000,
    });
    expect(GAP_MS).toMatchObject({ startDiagnosis: 6_000 });
  });

  it('keep at the gateway, for a device that is away, what is not for somebody at the box', () => {
    const waiting = Object.entries(SURVIVES_OFFLINE).filter(([, waits]) => waits);
    expect(waiting.map(([verb]) => verb).toSorted()).toEqual([
      'rekeyTunnel',
      'startDiagnosis',
      'switchAccessPoint',
      'switchActiveTunnel',
      'unlock',
    ]);
  });
});
