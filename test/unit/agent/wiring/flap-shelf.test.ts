import { expect, test } from 'vitest';
import { readRestored } from '../../../../agent/contract/restored.ts';
import { FLAP_SHELF, FlapShelf } from '../../../../agent/wiring/flap-shelf.ts';
import { branchPlan } from '../../../kit/fast-path-lab.ts';

test('what is put on the shelf comes back after a restart, and only for tunnels of the plan', () => {
  const records = ['t1', 'gone'].flatMap((tunnel) =>
    new FlapShelf()
      .changed({ tunnel, losses: 3 })
      .flatMap((effect) => (effect.type === 'storePut' ? [effect] : [])),
  );
  expect(records.map((each) => each.shelf)).toEqual([FLAP_SHELF, FLAP_SHELF]);
  const restored = readRestored((shelf) => (shelf === FLAP_SHELF ? records : []));
  const shelf = new FlapShelf();
  shelf.restored(restored.flaps ?? []);
  expect(shelf.inPlan(branchPlan()).flaps).toEqual([{ tunnel: 't1', losses: 3 }]);
});

test('what is forgotten leaves the shelf', () => {
  const shelf = new FlapShelf();
  shelf.changed({ tunnel: 't1', losses: 1 });
  expect(shelf.changed({ tunnel: 't1', losses: 0 })).toEqual([
    { type: 'storeRemove', shelf: FLAP_SHELF, keys: ['t1'] },
  ]);
  expect(shelf.inPlan(branchPlan()).flaps).toBeUndefined();
});

test('a damaged record is refused and the rest is kept', () => {
  const restored = readRestored((shelf) =>
    shelf === FLAP_SHELF
      ? [
          { key: 't1', value: '{"tunnel":"t1","losses":-4}' },
          { key: 't2', value: '{"tunnel":"t2","losses":2}' },
        ]
      : [],
  );
  expect(restored.flaps).toEqual([{ tunnel: 't2', losses: 2 }]);
  expect(restored.refused).toHaveLength(1);
});
