/** What commit-confirm asks for and says, to the last member. */
import { beforeEach, describe, expect, it } from 'vitest';
import { hashed } from '../../../../agent/contract/document-hash.ts';
import { CONFIRM_MS, DocumentTrial } from '../../../../agent/state/document-trial.ts';
import { mayTryAgain, refusedBy } from '../../../../agent/state/trial-record.ts';
import { desired, down, received } from '../../../kit/branch.ts';
import { ConfirmScene } from '../../../kit/confirm-scene.ts';

const first = desired();
const second = desired({ revision: 2, prefixes: [] });
const moved = desired({ revision: 2, uplinks: [{ id: 'wan1', gateway: '10.91.1.9' }] });

describe('commit-confirm', () => {
  let scene: ConfirmScene;
  beforeEach(() => {
    scene = new ConfirmScene();
    scene.start(hashed(first));
  });

  const effects = (from = 0) => scene.seen.slice(from).map(({ effect }) => effect);
  const notes = () => scene.of('noted').map(({ note }) => note);

  it('tells the document it starts with, and nothing else', () => {
    expect(effects()).toEqual([{ type: 'restore', document: first }]);
    const fresh = new ConfirmScene();
    fresh.start();
    expect(fresh.seen.map(({ effect }) => effect)).toEqual([
      { type: 'restore', document: undefined },
    ]);
    expect(fresh.core.verdict).toEqual({});
  });

  it('tells of a document on its way from the disk back to the disk', () => {
    scene.hear(received(second));
    expect(effects(1)).toMatchObject([
      { type: 'takenUp', document: { revision: 2 } },
      { type: 'storePut', shelf: 'desired', key: 'trial' },
      { type: 'noted', note: { code: 'desiredAccepted', level: 'notice', revision: 2 } },
      { type: 'adopt', document: second },
      { type: 'askConfirmation', revision: 2, nonce: expect.stringMatching(/-1$/) },
      { type: 'storePut', shelf: 'desired', key: 'document', value: JSON.stringify(second) },
      { type: 'storeRemove', shelf: 'desired', keys: ['trial'] },
      { type: 'noted', note: { code: 'desiredConfirmed', level: 'notice', revision: 2 } },
      { type: 'progressed' },
      // Heard on the bench once everything above has been answered.
      { type: 'progressed' },
    ]);
    expect(scene.core.deadline()).toBeUndefined();
    expect(scene.core.verdict).toEqual({});
  });

  it.each([
    [3, 3],
    [undefined, 0],
  ])('refuses what cannot be read, of revision %s, with its place', (revision, told) => {
    const refusal = { code: 'ESCHEMA', pointer: '/tunnels/0', sentence: 'is no tunnel' };
    scene.hear({ type: 'desiredUnreadable', refusal, ...(revision && { revision }) });
    expect(effects(1)).toEqual([
      {
        type: 'noted',
        note: {
          code: 'desiredRefused',
          level: 'warning',
          revision: told,
          reason: 'ESCHEMA',
          pointer: '/tunnels/0',
          because: 'is no tunnel',
        },
      },
      { type: 'progressed' },
    ]);
    expect(scene.core.verdict).toEqual({
      refused: { revision: told, code: 'ESCHEMA', pointer: '/tunnels/0' },
    });
  });

  it('refuses a document that the disk does not take, and does nothing about it', () => {
    scene.diskRefuses = true;
    scene.hear(received(second));
    expect(scene.adopted).toEqual([]);
    expect(notes()).toMatchObject([
      {
        reason: 'ESTORAGE',
        pointer: '',
        because: 'the disk did not take it, so a restart could not undo it',
      },
    ]);
  });

  it('undoes a document whose confirmation the disk does not take', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.diskRefuses = true;
    const [asked] = scene.of('askConfirmation');
    scene.hear({ type: 'confirmReceived', nonce: asked?.nonce ?? '' });
    expect(scene.adopted).toEqual([2, 1]);
    expect(notes().at(-1)).toEqual({
      code: 'desiredUndone',
      level: 'warning',
      revision: 2,
      to: 1,
      reason: 'ESTORAGE',
      because: 'the disk did not take the confirmed document',
    });
    expect(scene.core.verdict.refused).toEqual({ revision: 2, code: 'ESTORAGE', pointer: '' });
  });

  it('names the place of a step that the kernel refuses, and no place where none is known', () => {
    scene.settles = false;
    scene.hear(received(second));
    scene.hear({ type: 'stepRefused', pointer: '/prefixes/0', sentence: 'no such device' });
    expect(scene.core.verdict).toEqual({
      refused: { revision: 2, code: 'EDESIRED_STEP', pointer: '/prefixes/0' },
    });
    expect(notes().at(-1)).toMatchObject({
      code: 'desiredUndone',
      because: 'no such device',
      to: 1,
    });
    scene.hear(received({ ...second, revision: 3 }));
    scene.hear({ type: 'stepRefused', sentence: 'no such device' });
    expect(scene.core.verdict.refused?.pointer).toBe('');
  });

  it('hears of a refused step without a trial, and does nothing', () => {
    scene.hear({ type: 'stepRefused', sentence: 'no such device' });
    expect(effects(1)).toEqual([]);
  });

  it('asks every five seconds, each time with another nonce of this start', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.pass(11_000);
    const asked = scene.seen.filter(({ effect }) => effect.type === 'askConfirmation');
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 5_000, 10_000]);
    const nonces = scene.of('askConfirmation').map(({ nonce }) => nonce.replace(/^.*-/, ''));
    expect(nonces).toEqual(['1', '2', '3']);
    expect(scene.core.deadline()).toEqual({ atMs: 15_000, why: 'ask' });
  });

  it('reconnects only after what changed the way, or where nobody is reached', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.pass(CONFIRM_MS);
    expect(scene.of('reconnect')).toEqual([]);
    scene.hear(received({ ...moved, revision: 3 }));
    expect(scene.of('reconnect')).toEqual([
      { type: 'reconnect', because: 'the document changed the way to the gateway' },
    ]);
    scene.pass(CONFIRM_MS);
    expect(scene.of('reconnect')[1]).toEqual({
      type: 'reconnect',
      because: 'a document was undone',
    });
    scene.hear(received({ ...second, revision: 4 }));
    scene.register(false);
    scene.pass(CONFIRM_MS);
    expect(scene.of('reconnect')).toHaveLength(3);
  });

  it('does not blame a document for an outage of all uplinks', () => {
    scene.echoes = false;
    scene.hear(received(second));
    scene.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
    scene.pass(CONFIRM_MS);
    expect(scene.core.verdict.refused).toEqual({
      revision: 2,
      code: 'EDESIRED_INTERRUPTED',
      pointer: '',
    });
  });

  it('leaves alone what came back proved and was never removed from the trial', () => {
    const fresh = new ConfirmScene();
    const { hash } = hashed(first);
    fresh.start(hashed(first), { v: 1, state: 'trial', revision: 1, hash, interruptions: 2 });
    expect(fresh.of('storeRemove')).toEqual([
      { type: 'storeRemove', shelf: 'desired', keys: ['trial'] },
    ]);
    expect(fresh.core.verdict).toEqual({});
  });
});

describe('a trial', () => {
  const trial = (data = false) =>
    new DocumentTrial(hashed(desired()), { data, former: desired(), interruptions: 0 });
  const reach = { registered: true, data: true };

  it('says in its order what it lacks', () => {
    const each = trial(true);
    expect(each.lacking({ registered: false, data: false })).toBe(
      'its steps were not done in time',
    );
    each.settled(0);
    expect(each.lacking({ registered: false, data: false })).toBe(
      'the gateway was not reached in time',
    );
    expect(each.lacking({ registered: true, data: false })).toBe(
      'no tunnel carried traffic any more',
    );
    expect(each.lacking(reach)).toBe('its nonce did not come back in time');
  });

  it('is settled once, and asks at once where no traffic is demanded, or after three seconds', () => {
    const [plain, carrying] = [trial(), trial(true)];
    expect(plain.askFromMs(reach)).toBeUndefined();
    expect([plain.settled(100), plain.settled(900), carrying.settled(100)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(plain.askFromMs({ registered: true, data: false })).toBe(100);
    expect(carrying.askFromMs(reach)).toBe(3_100);
    expect(carrying.askFromMs({ registered: true, data: false })).toBeUndefined();
    expect(carrying.askFromMs({ registered: false, data: true })).toBeUndefined();
  });

  it('is proved by its last nonce, with the traffic it demands, and once', () => {
    const each = trial(true);
    each.settled(0);
    expect(each.isProvedBy('n', reach)).toBe(false);
    each.asked('n');
    expect(each.isProvedBy('n', { registered: true, data: false })).toBe(false);
    expect(each.isProvedBy('m', reach)).toBe(false);
    expect(each.isProvedBy('n', reach)).toBe(true);
    each.isKept = true;
    expect(each.isProvedBy('n', reach)).toBe(false);
    expect(each.askFromMs(reach)).toBeUndefined();
  });

  it('of another way counts only a registration after its last step', () => {
    const each = new DocumentTrial(hashed(moved), { data: false, former: first, interruptions: 0 });
    expect(each.changesPath).toBe(true);
    each.registered();
    each.settled(0);
    expect(each.askFromMs(reach)).toBeUndefined();
    each.registered();
    expect(each.askFromMs(reach)).toBe(0);
  });
});

describe('what the disk remembers of a document', () => {
  const record = { v: 1, state: 'undone', revision: 2, hash: 'ab', interruptions: 1 } as const;
  const unconfirmed = { ...record, code: 'EDESIRED_UNCONFIRMED', pointer: '' };

  it('lets it be tried again when it comes much later, or was not to blame', () => {
    expect(mayTryAgain(unconfirmed, 0, 30_000)).toBe(false);
    expect(mayTryAgain(unconfirmed, 0, 30_001)).toBe(true);
    expect(mayTryAgain({ ...unconfirmed, code: 'EDESIRED_STEP' }, 0, 99_000)).toBe(false);
    expect(mayTryAgain({ ...record, state: 'trial' }, 0, 0)).toBe(true);
    expect(mayTryAgain({ ...record, state: 'trial', interruptions: 2 }, 0, 0)).toBe(true);
    expect(mayTryAgain({ ...record, state: 'trial', interruptions: 3 }, 0, 0)).toBe(false);
    expect(mayTryAgain({ ...unconfirmed, interruptions: 3 }, 0, 99_000)).toBe(false);
  });

  it('without a reason was interrupted', () => {
    expect(refusedBy(record)).toEqual({ revision: 2, code: 'EDESIRED_INTERRUPTED', pointer: '' });
    expect(refusedBy({ ...record, code: 'EDESIRED_STEP', pointer: '/a' })).toEqual({
      revision: 2,
      code: 'EDESIRED_STEP',
      pointer: '/a',
    });
  });
});
