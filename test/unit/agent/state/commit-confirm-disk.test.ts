/** Commit-confirm over a disk that takes its time, and what a restart finds there. */
import { beforeEach, describe, expect, it } from 'vitest';
import { hashed } from '../../../../agent/contract/document-hash.ts';
import type { TrialRecord } from '../../../../agent/model/desired.ts';
import { DESIRED_KEY, TRIAL_KEY } from '../../../../agent/state/commit-confirm.ts';
import { CONFIRM_MS, DocumentTrial } from '../../../../agent/state/document-trial.ts';
import { desired, received } from '../../../kit/branch.ts';
import { ConfirmScene } from '../../../kit/confirm-scene.ts';

const first = desired();
const second = desired({ revision: 2, prefixes: [] });
const third = desired({ revision: 3, prefixes: ['172.17.0.0/16'] });

describe('a document that is proved while the disk is slow', () => {
  let scene: ConfirmScene;
  beforeEach(() => {
    scene = new ConfirmScene();
    scene.start(hashed(first));
    scene.diskWaits = true;
    scene.hear(received(second));
    // What is to be tried is on the disk; that it is proved is on its way there.
    scene.answer();
    expect(scene.adopted).toEqual([2]);
  });

  it('is not undone by its deadline', () => {
    scene.pass(2 * CONFIRM_MS);
    expect(scene.adopted).toEqual([2]);
    scene.answer();
    expect(scene.notes).toEqual(['desiredAccepted', 'desiredConfirmed']);
    expect(JSON.parse(scene.disk.get(DESIRED_KEY) ?? '')).toEqual(second);
  });

  it('is not undone by a step that is refused meanwhile', () => {
    scene.hear({ type: 'stepRefused', pointer: '/tunnels/0', sentence: 'no such device' });
    scene.answer();
    expect(scene.adopted).toEqual([2]);
    expect(scene.notes.at(-1)).toBe('desiredConfirmed');
  });

  it('leaves the record alone of a later one that came meanwhile', () => {
    scene.hear(received(third));
    scene.answer();
    expect(scene.notes.at(-1)).toBe('desiredConfirmed');
    expect(scene.of('storeRemove')).toEqual([]);
    scene.answer();
    expect(scene.adopted).toEqual([2, 3]);
    expect(JSON.parse(scene.disk.get(TRIAL_KEY) ?? '')).toMatchObject({ revision: 3 });
    scene.answer();
    expect(JSON.parse(scene.disk.get(DESIRED_KEY) ?? '')).toEqual(third);
    expect(scene.disk.has(TRIAL_KEY)).toBe(false);
  });
});

describe('a document on trial while a later one is being written', () => {
  it('is not kept any more, though its proof comes', () => {
    const scene = new ConfirmScene();
    scene.start(hashed(first));
    scene.echoes = false;
    scene.hear(received(second));
    scene.diskWaits = true;
    scene.hear(received(third));
    const { nonce = '' } = scene.of('askConfirmation').at(-1) ?? {};
    scene.hear({ type: 'confirmReceived', nonce });
    expect(scene.of('storePut').filter(({ key }) => key === DESIRED_KEY)).toEqual([]);
    scene.answer();
    expect(scene.adopted).toEqual([2, 3]);
  });

  it('waits for nothing more once it is undone', () => {
    const scene = new ConfirmScene();
    scene.start(hashed(first));
    scene.echoes = false;
    scene.hear(received(second));
    scene.pass(CONFIRM_MS);
    expect(scene.adopted).toEqual([2, 1]);
    expect(scene.core.deadline()).toBeUndefined();
  });
});

describe('a document that is undone while a later one is being written', () => {
  it('leaves the record of the later one alone, which is tried then', () => {
    const scene = new ConfirmScene();
    scene.start(hashed(first));
    scene.echoes = false;
    scene.hear(received(second));
    scene.diskWaits = true;
    scene.hear(received(third));
    scene.pass(CONFIRM_MS);
    expect(scene.adopted).toEqual([2, 1]);
    scene.echoes = true;
    scene.diskWaits = false;
    scene.answer();
    expect(scene.adopted).toEqual([2, 1, 3]);
    const records = scene.of('storePut').filter(({ key }) => key === TRIAL_KEY);
    expect(records.map(({ value }) => (JSON.parse(value) as TrialRecord).revision)).toEqual([2, 3]);
    expect(scene.notes.at(-1)).toBe('desiredConfirmed');
    expect(scene.core.verdict).toEqual({});
  });
});

describe('a document that changes', () => {
  const behind = { cidr: '10.9.0.0/16', nextHop: '192.168.7.254', policy: 'publish' } as const;
  const own = { cidr: '192.168.7.0/24', policy: 'publish' } as const;

  it.each([
    ['nothing', {}, false],
    ['what the CCN publishes', { prefixes: [] }, false],
    ['what is published of the LAN itself', { routes: [own] }, false],
    ['a route to a router in the LAN', { routes: [own, behind] }, true],
    ['the gateway of an uplink', { uplinks: [{ id: 'wan1', gateway: '10.91.1.9' }] }, true],
  ])('%s asks for a new connection only where packets may go another way', (_, over, isAsked) => {
    const trial = new DocumentTrial(hashed(desired({ revision: 2, ...over })), {
      data: false,
      former: first,
      interruptions: 0,
    });
    expect(trial.changesPath).toBe(isAsked);
  });
});

describe('a document that was undone before the restart', () => {
  const { hash } = hashed(second);
  const undone = {
    v: 1,
    state: 'undone',
    revision: 2,
    hash,
    interruptions: 1,
    code: 'EDESIRED_UNCONFIRMED',
    pointer: '/prefixes',
  } as const satisfies TrialRecord;

  it('is told as refused, and nothing is written or noted', () => {
    const scene = new ConfirmScene();
    scene.start(hashed(first), undone);
    expect(scene.core.verdict).toEqual({
      refused: { revision: 2, code: 'EDESIRED_UNCONFIRMED', pointer: '/prefixes' },
    });
    expect(scene.seen.map(({ effect }) => effect)).toEqual([{ type: 'restore', document: first }]);
  });

  it('stays set aside however late it comes, until a later one is there', () => {
    const scene = new ConfirmScene();
    scene.start(hashed(first), undone);
    scene.hear(received(second));
    scene.pass(86_400_000);
    scene.hear(received(second));
    expect(scene.adopted).toEqual([]);
    scene.hear(received(third));
    expect(scene.adopted).toEqual([3]);
  });

  it('still stands in the way of another text of its revision', () => {
    const scene = new ConfirmScene();
    scene.start(hashed(first), undone);
    scene.hear(received(desired({ revision: 2, prefixes: ['172.18.0.0/16'] })));
    expect(scene.adopted).toEqual([]);
    expect(scene.core.verdict.refused?.code).toBe('EDESIRED_FORKED');
  });
});
