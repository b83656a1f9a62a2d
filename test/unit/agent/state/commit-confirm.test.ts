/** Commit-confirm in virtual time: what is not proved is undone, and what was bad before is not blamed. */
import { beforeEach, describe, expect, it } from 'vitest';
import { readTrialValue } from '../../../../agent/contract/confirm-schema.ts';
import { hashed } from '../../../../agent/contract/document-hash.ts';
import type { TrialRecord } from '../../../../agent/model/desired.ts';
import { DESIRED_KEY, TRIAL_KEY } from '../../../../agent/state/commit-confirm.ts';
import { CONFIRM_MS } from '../../../../agent/state/document-trial.ts';
import { desired, down, received, tunnel } from '../../../kit/branch.ts';
import { ConfirmScene } from '../../../kit/confirm-scene.ts';

const first = desired();
const second = desired({ revision: 2, prefixes: [] });
const moved = desired({ revision: 2, uplinks: [{ id: 'wan1', gateway: '10.91.1.9' }] });

function onDisk(scene: ConfirmScene): TrialRecord | undefined {
  const text = scene.disk.get(TRIAL_KEY);
  const read = text === undefined ? undefined : readTrialValue(JSON.parse(text));
  return read?.ok === true ? read.value : undefined;
}

describe('commit-confirm', () => {
  let scene: ConfirmScene;
  beforeEach(() => {
    scene = new ConfirmScene();
    scene.start(hashed(first));
  });

  it('keeps a document whose nonce came back', () => {
    scene.hear(received(second));
    expect(scene.adopted).toEqual([2]);
    expect(JSON.parse(scene.disk.get(DESIRED_KEY) ?? '')).toEqual(second);
    expect(scene.disk.has(TRIAL_KEY)).toBe(false);
    expect(scene.notes).toEqual(['desiredAccepted', 'desiredConfirmed']);
    scene.pass(600_000);
    expect(scene.adopted).toEqual([2]);
  });

  it('writes down that it tries before it does anything', () => {
    scene.settles = false;
    scene.hear(received(second));
    expect(scene.seen.slice(-4).map(({ effect }) => effect.type)).toEqual([
      'storePut',
      'noted',
      'adopt',
      'progressed',
    ]);
    expect(onDisk(scene)).toMatchObject({ state: 'trial', revision: 2, interruptions: 0 });
    expect(scene.core.verdict.trial).toEqual({ revision: 2, untilMs: CONFIRM_MS });
  });

  it('undoes a document at its deadline when no nonce comes back, and leaves it alone then', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.pass(CONFIRM_MS - 1);
    expect(scene.adopted).toEqual([2]);
    expect(new Set(scene.of('askConfirmation').map(({ nonce }) => nonce)).size).toBeGreaterThan(10);
    scene.pass(1);
    expect(scene.adopted).toEqual([2, 1]);
    expect(scene.core.verdict.refused).toEqual({
      revision: 2,
      code: 'EDESIRED_UNCONFIRMED',
      pointer: '',
    });
    expect(onDisk(scene)).toMatchObject({ state: 'undone', revision: 2 });
    scene.echoes = true;
    scene.hear(received(second));
    scene.pass(600_000);
    expect(scene.adopted).toEqual([2, 1]);
  });

  it('undoes a document at the deadline it names itself, which says nothing of the next', () => {
    scene.echoes = false;
    scene.hear(received(desired({ ...second, confirmWithinS: 7 })));
    expect(scene.core.verdict.trial).toEqual({ revision: 2, untilMs: 7_000 });
    scene.pass(6_999);
    expect(scene.adopted).toEqual([2]);
    scene.pass(1);
    expect(scene.adopted).toEqual([2, 1]);
    scene.hear(received(desired({ ...second, revision: 3 })));
    expect(scene.core.verdict.trial).toEqual({ revision: 3, untilMs: 7_000 + CONFIRM_MS });
  });

  it('takes away the very first document too', () => {
    const fresh = new ConfirmScene();
    fresh.start();
    fresh.echoes = false;
    fresh.hear(received(first));
    fresh.pass(CONFIRM_MS);
    expect(fresh.adopted).toEqual([1, 0]);
  });

  it('believes no nonce but its last own one', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.hear({ type: 'confirmReceived', nonce: 'another' });
    scene.pass(5_000);
    const [old] = scene.of('askConfirmation');
    scene.hear({ type: 'confirmReceived', nonce: old?.nonce ?? '' });
    expect(scene.notes).not.toContain('desiredConfirmed');
  });

  it('proves a changed way to the gateway over a new connection only', () => {
    scene.hear(received(moved));
    expect(scene.of('reconnect')).toHaveLength(1);
    scene.pass(20_000);
    expect(scene.of('askConfirmation')).toEqual([]);
    scene.register(false);
    scene.register(true);
    expect(scene.notes).toContain('desiredConfirmed');
  });

  it('reconnects at once after it undid what had cut the way to the gateway', () => {
    scene.hear(received(moved));
    scene.register(false);
    scene.pass(CONFIRM_MS);
    expect(scene.adopted).toEqual([2, 1]);
    expect(scene.of('reconnect')).toHaveLength(2);
  });

  it('waits until tunnels that carried traffic have had time to be found dead', () => {
    scene.hear({ type: 'dataChanged', carries: true });
    scene.hear(received(second));
    scene.pass(1_000);
    expect(scene.of('askConfirmation')).toEqual([]);
    scene.hear({ type: 'dataChanged', carries: false });
    scene.pass(CONFIRM_MS);
    expect(scene.adopted).toEqual([2, 1]);
  });

  it('keeps a document under which traffic came back within the deadline', () => {
    scene.hear({ type: 'dataChanged', carries: true });
    scene.hear(received(second));
    scene.pass(1_000);
    scene.hear({ type: 'dataChanged', carries: false });
    scene.pass(60_000);
    scene.hear({ type: 'dataChanged', carries: true });
    expect(scene.notes).toContain('desiredConfirmed');
  });

  it('demands no traffic where there was none, or where the document wants none', () => {
    scene.hear(received(second));
    expect(scene.notes).toContain('desiredConfirmed');
    scene.hear({ type: 'dataChanged', carries: true });
    scene.hear(received(desired({ revision: 3, tunnels: [], prefixes: [] })));
    scene.hear({ type: 'dataChanged', carries: false });
    scene.pass(5_000);
    expect(JSON.parse(scene.disk.get(DESIRED_KEY) ?? '')).toMatchObject({ revision: 3 });
  });

  it('undoes at once what the kernel refuses, with the step as the reason', () => {
    scene.settles = false;
    scene.hear(received(moved));
    scene.hear({ type: 'stepRefused', sentence: 'Route packets … ENETUNREACH: no next hop' });
    expect(scene.adopted).toEqual([2, 1]);
    expect(scene.core.verdict.refused?.code).toBe('EDESIRED_STEP');
    expect(scene.of('noted').at(-1)?.note).toMatchObject({
      because: 'Route packets … ENETUNREACH: no next hop',
    });
  });

  it('replaces a trial by a later document and returns to what was confirmed', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.pass(60_000);
    scene.hear(received(desired({ revision: 3 })));
    scene.pass(CONFIRM_MS - 1);
    expect(scene.adopted).toEqual([2, 3]);
    scene.pass(1);
    expect(scene.adopted).toEqual([2, 3, 1]);
  });

  it('refuses a lower revision as stale and another text of a known one as forked, also of an undone one', () => {
    const codeOf = (): string | undefined => scene.core.verdict.refused?.code;
    scene.hear(received(desired({ prefixes: [] })));
    expect(codeOf()).toBe('EDESIRED_FORKED');
    scene.echoes = false;
    scene.hear(received(desired({ revision: 5 })));
    scene.pass(CONFIRM_MS);
    scene.hear(received(desired({ revision: 5, prefixes: [] })));
    expect(codeOf()).toBe('EDESIRED_FORKED');
    scene.hear(received(desired({ revision: 4 })));
    expect(codeOf()).toBe('EDESIRED_STALE');
    expect(scene.adopted).toEqual([5, 1]);
  });

  it('refuses a document that the disk does not take, and changes nothing', () => {
    scene.diskRefuses = true;
    scene.hear(received(second));
    expect(scene.adopted).toEqual([]);
    expect(scene.core.verdict.refused?.code).toBe('ESTORAGE');
    scene.diskRefuses = false;
    scene.hear(received(second));
    expect(scene.adopted).toEqual([2]);
  });

  it('does not blame a document for uplinks that are all down, and tries it again', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
    scene.register(false);
    scene.pass(CONFIRM_MS);
    expect(scene.core.verdict.refused?.code).toBe('EDESIRED_INTERRUPTED');
    scene.echoes = true;
    scene.register(true);
    scene.hear(received(second));
    expect(scene.notes.at(-1)).toBe('desiredConfirmed');
  });

  it('does not blame a document for an outage that outlasts its undoing', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.register(false);
    scene.pass(CONFIRM_MS + 31_000);
    scene.register(true);
    scene.echoes = true;
    scene.hear(received(second));
    expect(scene.adopted).toEqual([2, 1, 2]);
    expect(scene.notes.at(-1)).toBe('desiredConfirmed');
  });
});

describe('commit-confirm over a restart', () => {
  const { hash } = hashed(second);
  const trial: TrialRecord = { v: 1, state: 'trial', revision: 2, hash, interruptions: 0 };

  it('starts from the confirmed document and counts the interruption', () => {
    const scene = new ConfirmScene();
    scene.start(hashed(first), trial);
    expect(scene.of('restore')[0]?.document).toEqual(first);
    expect(onDisk(scene)).toMatchObject({ state: 'trial', interruptions: 1 });
    expect(scene.core.verdict.refused?.code).toBe('EDESIRED_INTERRUPTED');
    scene.hear(received(second));
    expect(scene.notes.at(-1)).toBe('desiredConfirmed');
  });

  it('sets a document aside that met three starts unproved', () => {
    let record: TrialRecord | undefined = trial;
    for (let starts = 0; starts < 3; starts += 1) {
      const scene = new ConfirmScene();
      scene.settles = false;
      scene.start(hashed(first), record);
      scene.hear(received(second));
      record = onDisk(scene);
    }
    expect(record).toMatchObject({ state: 'undone', interruptions: 3 });
    const scene = new ConfirmScene();
    scene.start(hashed(first), record);
    scene.hear(received(second));
    expect(scene.adopted).toEqual([]);
    scene.hear(received(desired({ revision: 3 })));
    expect(scene.adopted).toEqual([3]);
  });

  it('knows a document that was kept before its record could be removed', () => {
    const scene = new ConfirmScene();
    scene.disk.set(TRIAL_KEY, JSON.stringify(trial));
    scene.start(hashed(second), trial);
    expect(scene.of('restore')[0]?.document).toEqual(second);
    expect(scene.disk.has(TRIAL_KEY)).toBe(false);
  });

  it('judges the kept document again: the configuration may have changed', () => {
    const scene = new ConfirmScene();
    scene.start(hashed(desired({ tunnels: [tunnel('x', { uplink: 'gone' })] })));
    expect(scene.notes).toEqual(['desiredRefused']);
    expect(scene.of('restore')[0]?.document).toBeUndefined();
  });
});
