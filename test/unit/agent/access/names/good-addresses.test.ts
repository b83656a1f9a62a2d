/** What a name leads to is trusted by its proof alone, kept within bounds, and asked for within bounds. */
import { describe, expect, it } from 'vitest';
import { ADDRESS_MS, PATIENCE_MS } from '../../../../../agent/access/names/gateway-names.ts';
import { ASIDE_MS, GOOD_MAX, NAMES_MAX } from '../../../../../agent/access/names/name-book.ts';
import { QUESTION_MS, QUESTIONS_MAX } from '../../../../../agent/access/names/name-questions.ts';
import {
  GOOD,
  KEPT,
  NAME,
  NAMED_OTHERWISE,
  NOW_WALL_MS,
  OTHER,
  POISON,
  POISON_2,
  Scene,
} from './name-scene.ts';

describe('a poisoned answer', () => {
  it('costs one refused handshake: the address is set aside, told, and the last good one is dialled', () => {
    const scene = new Scene(KEPT);
    const search = scene.want();
    scene.pass(20).answer(POISON).refuse(search).accept(search);
    expect(scene.dialled).toEqual([
      [20, POISON],
      [20, GOOD],
    ]);
    expect(scene.notes).toEqual(['gatewayAddressSetAside', 'keptAddressUsed']);
    expect(scene.core.snapshot(0, NOW_WALL_MS)[0]).toMatchObject({ setAside: [POISON] });
  });

  it('where nothing answers costs its time, also when there are two of them', () => {
    const scene = new Scene(KEPT);
    const search = scene.want();
    scene.answer(POISON, POISON_2).pass(ADDRESS_MS).accept(search);
    expect(scene.dialled).toEqual([
      [0, POISON],
      [ADDRESS_MS, GOOD],
    ]);
  });

  it('is never kept, whatever else is learnt', () => {
    const scene = new Scene();
    const search = scene.want();
    scene.answer(POISON).refuse(search);
    expect(scene.all('searchFailed')).toMatchObject([{ fault: NAMED_OTHERWISE }]);
    expect(scene.kept).toEqual([]);
    const next = scene.want();
    scene.answer(POISON, GOOD).accept(next);
    // What somebody else answered at waits behind the others.
    expect(scene.addresses).toEqual([POISON, GOOD]);
    expect(JSON.stringify(scene.kept)).not.toContain(POISON);
  });

  it('is told once, and dialled first again after a while', () => {
    const scene = new Scene(KEPT);
    scene.refuse(scene.answerOf(POISON)).pass(1_000);
    const next = scene.answerOf(POISON);
    scene.refuse(next, { code: 'ECONNREFUSED', text: 'nobody listens there' }).refuse(next);
    expect(scene.addresses).toEqual([POISON, GOOD, GOOD, POISON]);
    expect(scene.notes).toEqual(['gatewayAddressSetAside']);
    scene.pass(ASIDE_MS);
    scene.answerOf(POISON);
    expect(scene.addresses.at(-1)).toBe(POISON);
  });

  it('does not cost the last good address its place when somebody else answers there for a while', () => {
    const scene = new Scene(KEPT);
    const search = scene.want();
    scene.deny('ENOTFOUND').refuse(search);
    expect(scene.all('searchFailed')).toMatchObject([{ fault: NAMED_OTHERWISE }]);
    const next = scene.want();
    scene.deny('ENOTFOUND').accept(next);
    expect(scene.addresses).toEqual([GOOD, GOOD]);
  });

  it.each(['ETLS_EXPIRED', 'ETLS_NOT_YET', 'ETLS_REFUSED', 'ECONNREFUSED', 'ETIMEOUT'])(
    '%s says nothing of the address: the next one is dialled and nothing set aside',
    (code) => {
      const scene = new Scene(KEPT);
      const search = scene.want();
      scene.answer(OTHER).refuse(search, { code, text: 'so it is' });
      expect(scene.addresses).toEqual([OTHER, GOOD]);
      expect(scene.notes).toEqual([]);
    },
  );
});

describe('what is kept', () => {
  it('is bounded in names and in addresses of each, the newest proof first', () => {
    const scene = new Scene();
    for (let index = 0; index < NAMES_MAX + 10; index += 1) {
      const search = scene.want({ name: `gw${index}.example` });
      scene.answer(GOOD).accept(search);
    }
    for (let index = 1; index <= GOOD_MAX + 3; index += 1) {
      const search = scene.want();
      scene.answer(`192.0.2.${index}`).accept(search);
    }
    expect(scene.kept).toHaveLength(NAMES_MAX);
    expect(scene.kept[0]?.name).toBe(NAME);
    expect(scene.kept[0]?.addresses.map(({ address }) => address)).toEqual(
      Array.from({ length: GOOD_MAX }, (_, index) => `192.0.2.${GOOD_MAX + 3 - index}`),
    );
    expect(scene.core.snapshot(0, 0)).toHaveLength(NAMES_MAX);
  });

  it('comes back in the same order, and goes to the disk with a proof of another hour only', () => {
    const scene = new Scene(KEPT);
    const prove = (wallMs: number): void => {
      const searchId = scene.want();
      scene.answer(GOOD).hear({ type: 'addressAccepted', searchId, wallMs });
    };
    prove(NOW_WALL_MS);
    prove(NOW_WALL_MS + 60_000);
    expect(scene.all('keepNames')).toHaveLength(1);
    prove(NOW_WALL_MS + 3_600_000);
    expect(scene.all('keepNames')).toHaveLength(2);
    const next = new Scene(scene.kept);
    next.accept(next.answerOf(OTHER));
    expect(next.kept[0]?.addresses.map(({ address }) => address)).toEqual([OTHER, GOOD]);
  });

  it('is tried whole within one attempt, the last address with all the time that is left', () => {
    const addresses = [GOOD, OTHER, '192.0.2.3'].map((address) => ({ address, provedWallMs: 0 }));
    const scene = new Scene([{ name: NAME, addresses }]);
    scene.want();
    scene.pass(60_000);
    expect(scene.dialled).toEqual([
      [PATIENCE_MS, GOOD],
      [PATIENCE_MS + ADDRESS_MS, OTHER],
      [PATIENCE_MS + 2 * ADDRESS_MS, '192.0.2.3'],
    ]);
  });
});

describe('questions', () => {
  it('are bounded: the oldest is called back, and whoever waits for it goes on', () => {
    const scene = new Scene();
    for (let index = 0; index <= QUESTIONS_MAX; index += 1) {
      scene.want({ name: `gw${index}.example` });
    }
    expect(scene.all('askQuestion')).toHaveLength(QUESTIONS_MAX + 1);
    expect(scene.all('cancelQuestion')).toEqual([{ type: 'cancelQuestion', questionId: 0 }]);
    expect(scene.all('searchFailed')).toMatchObject([{ searchId: 0, fault: { code: 'EDNS' } }]);
    scene.pass(QUESTION_MS);
    expect(scene.all('cancelQuestion')).toHaveLength(QUESTIONS_MAX + 1);
    expect(scene.core.deadline()).toBeUndefined();
  });

  it('are not asked in haste when an address is known, and asked when none is', () => {
    const known = new Scene(KEPT);
    known.want({ inHaste: true });
    expect([known.all('askQuestion'), known.addresses]).toEqual([[], [GOOD]]);
    const unknown = new Scene();
    unknown.want({ inHaste: true });
    unknown.answer(GOOD);
    expect(unknown.dialled).toEqual([[0, GOOD]]);
  });

  it('that nobody waits for are heard all the same, and a search that was left says nothing more', () => {
    const scene = new Scene();
    const searchId = scene.want();
    scene.hear({ type: 'searchLeft', searchId }).answer(GOOD).accept(searchId).refuse(searchId);
    expect(scene.seen.map(({ effect }) => effect.type)).toEqual(['askQuestion']);
    scene.want({ inHaste: true });
    expect(scene.addresses).toEqual([GOOD]);
  });
});
