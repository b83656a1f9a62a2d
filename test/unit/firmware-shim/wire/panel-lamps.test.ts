/** What the lamps of a front panel say, mode by mode, as SAG's documentation has it. */
import { describe, expect, it } from 'vitest';
import {
  type Lamp,
  lampMeaning,
  lampMode,
  ledEdition,
} from '../../../../firmware-shim/wire/led-meaning.ts';
import type { BoardModel } from '../../../../firmware-shim/wire/messages.ts';

describe('a lamp', () => {
  it('that is steady means opposite things in 2018 and in 2021', () => {
    expect(lampMeaning('sag-1000', 'A1', 'SYS', 'on')).toBe('connected');
    expect(lampMeaning('sag-1000', 'A3', 'SYS', 'on')).toBe('fault');
    expect(lampMeaning('sag-100wm', 'A7', 'WIFI', 'on')).toBe('connected');
    expect(lampMeaning('sag-100wm', 'B1', 'WIFI', 'on')).toBe('fault');
  });

  it('blinks for healthy in 2021, and CLOUD says the same in both', () => {
    expect(lampMode('sag-1000', 'A3', 'SYS', 'healthy')).toBe('blink');
    expect(lampMode('sag-1000', 'A1', 'SYS', 'healthy')).toBeUndefined();
    for (const revision of ['A1', 'A3']) {
      expect(lampMeaning('sag-1000', revision, 'CLOUD', 'blink')).toBe('restoring');
    }
  });

  it('is only where the front has it', () => {
    expect(lampMeaning('sag-1000', 'A3', 'WIFI', 'on')).toBeUndefined();
    expect(lampMeaning('sag-100wm', 'B1', 'ALARM', 'on')).toBeUndefined();
  });

  it('of an unknown revision is read as in 2021', () => {
    expect(ledEdition('sag-1000', 'Z9')).toBe('2021');
  });

  it('that a front has not can say nothing', () => {
    expect(lampMode('sag-1000', 'A3', 'WIFI', 'traffic')).toBeUndefined();
  });
});

type Row = readonly [lamp: Lamp, on: string, blink: string, off: string];

const BOTH: readonly Row[] = [
  ['PWR', 'powered', 'powered', 'no power'],
  ['CLOUD', 'connected', 'restoring', 'not connected'],
  ['SIGNAL', 'signal', 'signal', 'no signal'],
  ['RJ45_GREEN', 'link', 'traffic', 'no link'],
  ['RJ45_YELLOW', '1000 Mbit/s', '1000 Mbit/s', '10 or 100 Mbit/s'],
];
const IN_2018: readonly Row[] = [
  ['SYS', 'connected', 'traffic', 'not connected'],
  ['LTE', 'connected', 'traffic', 'not connected'],
];
const IN_2021: readonly Row[] = [
  ['SYS', 'fault', 'healthy', 'fault'],
  ['LTE', 'fault', 'healthy', 'fault'],
];
const LARGE: readonly Row[] = [['ALARM', 'alarm', 'alarm', 'no alarm']];

const PANELS: readonly (readonly [BoardModel, string, readonly Row[]])[] = [
  ['sag-1000', 'A2', [...BOTH, ...IN_2018, ...LARGE]],
  ['sag-1000', 'B1', [...BOTH, ...IN_2021, ...LARGE]],
  [
    'sag-100wm',
    'A1',
    [
      ...BOTH,
      ...IN_2018,
      ['WAN', 'connected', 'traffic', 'not connected'],
      ['WIFI', 'connected', 'traffic', 'not connected'],
    ],
  ],
  [
    'sag-100wm',
    'B1',
    [
      ...BOTH,
      ...IN_2021,
      ['WAN', 'fault', 'traffic', 'fault'],
      ['WIFI', 'fault', 'traffic', 'fault'],
    ],
  ],
];

describe.each(PANELS)('on the front of a %s of revision %s', (model, revision, rows) => {
  it.each(rows)('%s says "%s" when on, "%s" when it blinks and "%s" when off', (lamp, ...said) => {
    const modes = ['on', 'blink', 'off'] as const;
    expect(modes.map((mode) => lampMeaning(model, revision, lamp, mode))).toEqual(said);
  });
});
