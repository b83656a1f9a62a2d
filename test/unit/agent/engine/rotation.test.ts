import { describe, expect, test } from 'vitest';
import {
  besideName,
  concerning,
  mayMove,
  type Rotation,
  type RotationMove,
  type RotationStand,
  rotationFacts,
  rotationIn,
  shownName,
} from '../../../../agent/engine/rotation.ts';

function at(stand: RotationStand): Rotation {
  return { base: 'old', target: 'new', stand };
}

test('the old identity is shown until the switch, and the other one is accepted until the end', () => {
  expect([shownName(undefined, 'old'), besideName(undefined)]).toEqual(['old', undefined]);
  expect([shownName(at('prepared'), 'old'), besideName(at('prepared'))]).toEqual(['old', 'new']);
  expect([shownName(at('switched'), 'old'), besideName(at('switched'))]).toEqual(['new', 'old']);
  expect([shownName(at('retired'), 'old'), besideName(at('retired'))]).toEqual(['new', undefined]);
});

test('stages follow one another, may be repeated, and go back until the old identity is forgotten', () => {
  const legal: Record<RotationStand | 'none', readonly RotationMove[]> = {
    none: ['prepare'],
    prepared: ['switch', 'back'],
    switched: ['switch', 'retire', 'back'],
    retired: ['prepare', 'retire'],
  };
  for (const [stand, moves] of Object.entries(legal)) {
    const rotation = stand === 'none' ? undefined : at(stand as RotationStand);
    const all: readonly RotationMove[] = ['prepare', 'switch', 'retire', 'back'];
    expect(all.filter((move) => mayMove(rotation, move))).toEqual(moves);
  }
});

test('a specification that lags behind is understood, one that names another identity ends the rotation', () => {
  expect(concerning(at('retired'), 'old')).toEqual(at('retired'));
  expect(concerning(at('retired'), 'new')).toEqual(at('retired'));
  expect(concerning(at('retired'), 'third')).toBeUndefined();
});

describe('in the register', () => {
  test.each(['prepared', 'switched', 'retired'] as const)(
    '%s is read as it was written',
    (stand) => {
      expect(rotationIn('own', rotationFacts('own', at(stand)))).toEqual(at(stand));
    },
  );

  test('nothing, half of it and nonsense are no rotation', () => {
    expect(rotationFacts('own', undefined)).toEqual({});
    expect(rotationIn('own', undefined)).toBeUndefined();
    expect(rotationIn('own', { ownBase: 'old' })).toBeUndefined();
    expect(
      rotationIn('own', { ...rotationFacts('own', at('retired')), ownStand: 'x' }),
    ).toBeUndefined();
    expect(rotationIn('remote', rotationFacts('own', at('retired')))).toBeUndefined();
  });
});
